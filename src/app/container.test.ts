import { Resolver } from 'type-graphql';
import { Container } from './container';

class Service {
  constructor(readonly name: string) {}
}

@Resolver()
class First {
  constructor(readonly service: Service) {}
}

@Resolver()
class Second {
  constructor(
    readonly first: First,
    readonly service: Service,
  ) {}
}

describe('Container', () => {
  it('makes what it is asked for of what it was given, once', () => {
    const service = new Service('given');
    const container = new Container([service]);
    const second = container.get(Second);
    expect(second.service).toBe(service);
    expect(second.first).toBe(container.get(First));
    expect(container.get(Second)).toBe(second);
  });

  it('names what it was not given', () => {
    expect(() => new Container([]).get(First)).toThrow('Service was not provided');
  });
});
