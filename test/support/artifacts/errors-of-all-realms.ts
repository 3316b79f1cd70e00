import { types } from 'node:util';

/**
 * Jest gives each test file an `Error` of its own, of which the system's errors are no instances; the S3 client asks for
 * instances and would take them for something else. From here on they are instances, as they are outside of Jest.
 */
export function recognizeErrorsOfAllRealms(): void {
  const isInstance = Function.prototype[Symbol.hasInstance];
  Object.defineProperty(Error, Symbol.hasInstance, {
    configurable: true,
    value(this: object, value: unknown) {
      return isInstance.call(this, value) || (this === Error && types.isNativeError(value));
    },
  });
}
