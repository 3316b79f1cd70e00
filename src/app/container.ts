import { type ServiceLocator } from '../graphql/context';

type Token<T> = new (...parameters: never[]) => T;

/**
 * Holds the services that the composition root made, and makes the classes that take them: a class's constructor
 * parameters are read from the metadata that the compiler emits for decorated classes. Every class has one instance.
 */
export class Container implements ServiceLocator {
  private readonly instances = new Map<unknown, object>();

  /** Makes services known under their own classes. */
  constructor(services: readonly object[]) {
    for (const service of services) this.instances.set(service.constructor, service);
  }

  /** @throws Error when the class, or what its constructor takes, is neither known nor decorated */
  get<T>(token: Token<T>): T {
    const known = this.instances.get(token);
    if (known) return known as T;
    const parameters = this.parametersOf(token);
    const instance = new token(...(parameters.map((parameter) => this.get(parameter)) as never[]));
    this.instances.set(token, instance as object);
    return instance;
  }

  private parametersOf(token: Token<unknown>): Token<unknown>[] {
    const parameters = Reflect.getMetadata('design:paramtypes', token) as Token<unknown>[] | undefined;
    if (parameters) return parameters;
    // A decorated class without a constructor has no parameters; an undecorated one was to be provided.
    if (Reflect.getMetadataKeys(token).length > 0 || token.length === 0) return [];
    throw new Error(`${token.name} was not provided, and it is not a decorated class that could be made`);
  }
}
