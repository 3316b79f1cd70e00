import { type Rate } from '../platform/tenancy/rate-limiter';
import { type RequestContext } from '../platform/tenancy/request-context';
import { type Loaders } from './loaders';

/** Hands out the instances that the composition root made. */
export interface ServiceLocator {
  get<T>(token: new (...parameters: never[]) => T): T;
}

/** What every resolver gets: who asks, and loaders that live as long as the request. */
export interface GraphqlContext extends RequestContext {
  readonly loaders: Loaders;
  /** Counts against a rate of the tenant; absent where there are none. @throws AppError RATE_LIMITED */
  readonly take?: ((rate: Rate, amount: number) => Promise<void>) | undefined;
  /** Aborted when the request is given up: by its client, or because it took too long. */
  readonly signal?: AbortSignal | null;
  /** For subscription sources, which type-graphql calls without an instance; resolvers use their constructor. */
  readonly services: ServiceLocator;
}
