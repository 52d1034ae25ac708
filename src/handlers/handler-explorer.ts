import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { HandledEvent } from '../events/handled-events.js';
import { Handlers } from './handlers.js';
import { handlingsOf } from './on-domain-event.decorator.js';

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** Finds the methods that `@OnDomainEvent` marks. */
@Injectable()
export class HandlerExplorer implements OnModuleInit {
  private readonly scanner = new MetadataScanner();
  private readonly known = new WeakSet<object>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly handlers: Handlers,
  ) {}

  onModuleInit(): void {
    this.explore(this.discovery);
  }

  /**
   * Takes up the handlers among the providers and controllers of a container: once each, and before the service is initialized.
   * @throws Error when a handler's provider is no singleton, or two durable handlers have the same name
   */
  explore(container: Pick<DiscoveryService, 'getProviders' | 'getControllers'>): void {
    for (const wrapper of [...container.getProviders(), ...container.getControllers()]) this.look(wrapper);
  }

  private look(wrapper: Wrapper): void {
    const instance = wrapper.instance as unknown;
    if (typeof instance !== 'object' || instance === null || this.known.has(instance)) return;
    this.known.add(instance);
    const prototype = Object.getPrototypeOf(instance) as object | null;
    if (!prototype || prototype === Object.prototype) return;
    for (const key of this.scanner.getAllMethodNames(prototype)) {
      const method = (instance as Record<string, (event: HandledEvent) => unknown>)[key];
      if (typeof method !== 'function') continue;
      const name = `${prototype.constructor.name}.${key}`;
      for (const handling of handlingsOf(method)) {
        if (!wrapper.isDependencyTreeStatic() || wrapper.isTransient)
          throw new Error(`${name} can't handle events: its provider must be a singleton.`);
        this.handlers.add(name, handling, (event) => method.call(instance, event));
      }
    }
  }
}
