const { TestEnvironment } = require('jest-environment-node');

/**
 * Jest runs each test file in a realm of its own, with typed arrays of its own. Native modules (ONNX Runtime,
 * DuckDB) make theirs in the main realm, where `instanceof` then fails: so both use the main realm's.
 */
class SharedTypedArrays extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    Object.assign(this.global, {
      Float32Array,
      Float64Array,
      Int8Array,
      Int16Array,
      Int32Array,
      Uint8Array,
      Uint16Array,
      Uint32Array,
      BigInt64Array,
      BigUint64Array,
    });
  }
}

module.exports = SharedTypedArrays;
