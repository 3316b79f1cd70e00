import { createParameterDecorator, Extensions, type MiddlewareFn, UseMiddleware } from 'type-graphql';

/** Where {@link leaveAsGiven} keeps the arguments: no argument can have it as its name. */
const AS_GIVEN = Symbol('arguments as given');

/** The extension of a field whose arguments may be `ScannedInputs`. */
export const TAKES_GIVEN = 'takesGiven';

type Declared = NonNullable<NonNullable<Parameters<typeof createParameterDecorator>[1]>['arg']>;

type Kept = Readonly<Record<typeof AS_GIVEN, Readonly<Record<string, unknown>> | undefined>>;

/**
 * An argument as GraphQL read it: plain objects, not instances of its classes, which cost more to make than anything
 * else about a large input; or `ScannedInputs`, where there are no objects at all. For inputs without methods; all
 * arguments of its operation are given in this way.
 */
export function GivenArg(
  name: string,
  typeFunc: Declared['typeFunc'],
  options: Declared['options'],
): ParameterDecorator {
  const declare = createParameterDecorator(({ args }) => (args as unknown as Kept)[AS_GIVEN]?.[name], {
    arg: { name, typeFunc, ...(options ? { options } : {}) },
  });
  return (prototype, property, index) => {
    if (property === undefined) throw new TypeError('the constructor of a resolver takes no arguments');
    void UseMiddleware(leaveAsGiven)(prototype, property, {});
    void Extensions({ [TAKES_GIVEN]: true })(prototype, property, {});
    declare(prototype, property, index);
  };
}

/** Hides the arguments from the conversion. */
const leaveAsGiven: MiddlewareFn = (data, next) => {
  data.args = { [AS_GIVEN]: (data.args as unknown as Kept)[AS_GIVEN] ?? data.args };
  return next();
};
