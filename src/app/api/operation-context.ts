import { type GraphqlContext, type ServiceLocator } from '../../graphql/context';
import { type LoadedServices, Loaders } from '../../graphql/loaders';
import { type Actor, type Origin, type RequestContext } from '../../platform/tenancy/request-context';
import { type ContextExtras } from './graphql-endpoint';

interface Places {
  readonly services: LoadedServices;
  readonly container: ServiceLocator;
}

/** What resolvers get; loaders are made for those who ask for them. */
export class OperationContext implements GraphqlContext {
  readonly requestId: string;
  readonly actor: Actor;
  readonly origin?: Origin;
  readonly onQuota?: RequestContext['onQuota'];
  readonly services: ServiceLocator;
  readonly take: GraphqlContext['take'];
  readonly signal: AbortSignal | null;
  private made: Loaders | null = null;

  // Its fields are no "#" fields: Apollo Server copies it.
  constructor(
    private readonly request: RequestContext,
    private readonly places: Places,
    extras?: ContextExtras,
  ) {
    this.requestId = request.requestId;
    this.actor = request.actor;
    if (request.origin) this.origin = request.origin;
    if (request.onQuota) this.onQuota = request.onQuota;
    this.services = places.container;
    this.take = extras?.take;
    this.signal = extras?.signal ?? null;
  }

  get loaders(): Loaders {
    return (this.made ??= new Loaders(this.request, this.places.services));
  }
}
