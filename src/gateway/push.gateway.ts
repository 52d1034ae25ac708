import type { IncomingMessage } from 'node:http';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { type OnGatewayConnection, WebSocketGateway } from '@nestjs/websockets';
import type { WebSocket } from 'ws';
import { Settings } from '../config/config.module.js';
import { DatabaseClock } from '../database/database-clock.js';
import { DatabaseLife } from '../delivery/database-life.js';
import { ProofLedger } from '../delivery/proof-ledger.js';
import { DomainEvents } from '../events/domain-events.js';
import { GlobalMessagePushed } from '../events/global-message-pushed.event.js';
import { MessagesPushed } from '../events/messages-pushed.event.js';
import { requestIdOf } from '../http/request-id.js';
import { logged } from '../log/log-line.js';
import { Metrics } from '../metrics/metrics.js';
import { RecipientTokens } from '../recipients/recipient-token.js';
import { type RecipientName, RevokedRecipients } from '../recipients/revoked-recipients.js';
import { Relay, type RelayListener, type Signal } from '../relay/relay.js';
import { traced } from '../traces/tracing.js';
import { CLOSE } from './close-codes.js';
import { ConnectionEvents } from './connection-events.js';
import { Connection, INBOUND_WINDOW } from './connection.js';
import { CutOffs } from './cut-offs.js';
import { DeliverySpans } from './delivery-spans.js';
import { Drainer } from './drainer.js';
import { CLOUDEVENTS } from './frame-encoder.js';
import { pongNumber } from './frames.js';
import { GlobalFanOut } from './global-fan-out.js';
import { GlobalFeeds } from './global-feeds.js';
import { Hub } from './hub.js';
import { LookupAnswers } from './lookup-answers.js';
import type { Admitted } from './door.js';
import { admissions } from './push-only-ws.adapter.js';
import { Reconciler } from './reconciler.js';
import { Trail } from './trail.js';

/** Takes connections into the hub, wakes them when there may be something for them, and takes their proofs. */
@WebSocketGateway({ path: '/' })
export class PushGateway implements OnGatewayConnection, OnApplicationBootstrap, RelayListener {
  private readonly inboundLimit: number;

  constructor(
    settings: Settings,
    private readonly clock: DatabaseClock,
    private readonly life: DatabaseLife,
    private readonly tokens: RecipientTokens,
    private readonly revoked: RevokedRecipients,
    private readonly hub: Hub,
    private readonly feeds: GlobalFeeds,
    private readonly drainer: Drainer,
    private readonly fanOut: GlobalFanOut,
    private readonly reconciler: Reconciler,
    private readonly ledger: ProofLedger,
    private readonly events: DomainEvents,
    private readonly relay: Relay,
    private readonly metrics: Metrics,
    private readonly trail: Trail,
    private readonly cutOffs: CutOffs,
    private readonly lookups: LookupAnswers,
    private readonly spans: DeliverySpans,
    private readonly connectionEvents: ConnectionEvents,
  ) {
    this.inboundLimit = (settings.inboundRate * INBOUND_WINDOW) / 1_000;
  }

  async onApplicationBootstrap(): Promise<void> {
    // This node's own pushes reach its own connections at once; the queue and the relay bring those of all nodes.
    this.events.on(MessagesPushed, (event) => this.onSignal({ kind: 'messages', ...event }));
    this.events.on(GlobalMessagePushed, (event) => this.onSignal({ kind: 'global', ...event }));
    this.life.onCrash(() => this.closeAll());
    this.revoked.onRevoked((name) => this.closeRevoked(name));
    await this.relay.listen(this);
  }

  onSignal(signal: Signal): void {
    this.metrics.signals.add();
    if (signal.kind === 'revocation') {
      void this.revoked.refresh();
      return;
    }
    if (signal.kind === 'lookup') {
      void this.lookups.answer(signal);
      return;
    }
    if (logged.debug) this.trail.heard(signal);
    if (traced.by) this.spans.heard(signal);
    if (signal.kind === 'global') {
      this.fanOut.signal(signal.tenant, signal.txid);
      return;
    }
    for (const recipient of signal.recipients) {
      for (const connection of this.hub.of(signal.tenant, recipient)) {
        if (!connection.given?.covers(signal.txid)) this.drainer.wake(connection);
      }
    }
  }

  onGap(): void {
    this.metrics.relayGaps.add();
    this.reconciler.reconcileAll();
    void this.revoked.refresh();
  }

  handleConnection(socket: WebSocket, request: IncomingMessage): void {
    const admission = admissions.get(request);
    if (admission?.kind === 'admitted') this.accept(socket, request, admission);
    else {
      const { name, code, reason } = admission?.kind === 'revoked' ? CLOSE.tokenRevoked : CLOSE.tokenExpired;
      this.metrics.connectionsClosed[name].add();
      socket.close(code, reason);
    }
  }

  private accept(socket: WebSocket, request: IncomingMessage, admission: Admitted): void {
    const connection = new Connection(
      socket,
      request.socket,
      admission,
      socket.protocol === CLOUDEVENTS ? CLOUDEVENTS : 'text',
    );
    socket.on('pong', (payload) => this.onPong(connection, payload));
    socket.on('message', () => this.countInbound(connection));
    socket.on('ping', () => this.countInbound(connection));
    socket.on('close', (code, reason) => this.leave(connection, code, reason));
    this.metrics.connectionsAccepted.add();
    if (logged.debug) this.trail.opened(connection, requestIdOf(request));
    this.connectionEvents.opened(connection, () => requestIdOf(request));
    // Into the hub first, then among those who hear signals, then the backlog: what commits in between wakes it again.
    this.hub.add(connection);
    void this.join(connection).then(() => this.drainer.wake(connection));
    // Its token may have been revoked since the door looked at it.
    this.closeRevoked(connection);
  }

  private async join({ tenant, recipient }: Connection): Promise<void> {
    await Promise.all([this.relay.join({ tenant, recipient }), this.relay.join({ tenant, recipient: null })]);
  }

  /** Closes the connections of a recipient that came with tokens that were revoked. */
  private closeRevoked({ tenant, recipient }: RecipientName): void {
    for (const connection of this.hub.of(tenant, recipient))
      if (this.tokens.isRevoked(connection, connection.issuedAt)) connection.close(CLOSE.tokenRevoked);
  }

  /** What the connections have been given can't be told any more: each begins anew, and gets what is still PENDING. */
  private closeAll(): void {
    this.metrics.databaseCrashes.add();
    this.feeds.forgetAll();
    for (const connection of this.hub) connection.close(CLOSE.restart);
  }

  private leave(connection: Connection, code: number, reason: Buffer): void {
    if (logged.debug) this.trail.closed(connection, code);
    this.connectionEvents.ended(connection, code, reason);
    const { tenant, recipient } = connection;
    this.metrics.connectionsClosed[connection.closedBecause].add();
    this.cutOffs.note(connection);
    this.hub.remove(connection);
    if (this.hub.of(tenant, recipient).size === 0) this.relay.leave({ tenant, recipient });
    if (!this.hub.ofTenant(tenant).next().done) return;
    this.relay.leave({ tenant, recipient: null });
    this.feeds.forget(tenant);
  }

  private onPong(connection: Connection, payload: Buffer): void {
    const number = pongNumber(payload);
    const proven = number === null ? null : connection.pong(number);
    if (proven) this.metrics.pongs.add();
    else this.countInbound(connection);
    if (!proven?.length) return;
    const places = traced.by ? this.spans.proven(connection, proven) : undefined;
    this.ledger.add(connection.recipient, proven, this.clock.now(), places);
    if (logged.debug) this.trail.proven(connection, proven);
  }

  private countInbound(connection: Connection): void {
    this.metrics.inboundFrames.add();
    if (connection.countInbound() <= this.inboundLimit) return;
    connection.close(CLOSE.flood);
    connection.stopReading();
  }
}
