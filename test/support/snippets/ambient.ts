/**
 * What blocks of documents take for granted, as TypeScript declares it: names of the reader's own program, and, of frameworks that are not
 * installed here, as much as the blocks use.
 */
export const AMBIENT = `
declare const connectionUri: string;
declare function getConnectionUri(): Promise<string | null>;
declare function show(text: string): void;

declare module '@nestjs/config' {
  export class ConfigModule {}
  export class ConfigService {
    get<T>(name: string): T | undefined;
  }
}
declare module 'react' {
  export function useState<S>(initial: S): [S, (next: S | ((before: S) => S)) => void];
  export function useEffect(effect: () => void | (() => void), dependencies?: readonly unknown[]): void;
}
declare module 'vue' {
  export function ref<T>(value: T): { value: T };
  export function onMounted(hook: () => void): void;
  export function onUnmounted(hook: () => void): void;
}
declare module 'svelte/store' {
  type Updater<T> = (before: T) => T;
  type Start<T> = (set: (value: T) => void, update: (updater: Updater<T>) => void) => void | (() => void);
  export function readable<T>(value?: T, start?: Start<T>): { subscribe(run: (value: T) => void): () => void };
}
declare module '@angular/core' {
  export function Injectable(options: { providedIn: 'root' }): ClassDecorator;
  export interface OnDestroy { ngOnDestroy(): void }
  export function signal<T>(value: T): { (): T; set(value: T): void; update(updater: (before: T) => T): void };
}
`;
