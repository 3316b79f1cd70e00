import { JsonBytes, UNUSUAL } from '../../../graphql/given/json-bytes';
import { type VariablesScanner } from './variables-scanner';
import { type Variables } from './variables-reader';

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COLON = 0x3a;

/** What is known of an operation whose variables can be read from bytes. */
export interface ScannableOperation {
  readonly scanner: VariablesScanner;
  /** Variables of this operation, as GraphQL reads them. */
  readonly read: (given: Variables) => Variables | null;
}

/** A request without its variables. */
export type Envelope = Readonly<Record<string, unknown>>;

/** The operation that a request means, if it is one of those; null else. */
export type FindOperation = (envelope: Envelope) => ScannableOperation | null;

const NOTHING = Buffer.alloc(0);
const json = new JsonBytes();

/**
 * A GraphQL request whose variables are inputs, read from its bytes without an object for each input.
 * @returns null for what is not as usual, or is no request at all: then it is read by `JSON.parse`
 */
export function scanRequest(body: Buffer, find: FindOperation): Envelope | null {
  json.bytes = body;
  json.at = 0;
  try {
    return scan(body, find);
  } catch (error) {
    if (error !== UNUSUAL) throw error;
    return null;
  } finally {
    json.bytes = NOTHING;
  }
}

function scan(body: Buffer, find: FindOperation): Envelope | null {
  const envelope: Record<string, unknown> = {};
  let variables: Variables | null = null;
  let variablesAt = -1;
  json.expect(OPEN_OBJECT);
  do {
    json.next();
    const key = json.text();
    if (json.isSuspect(key) || Object.hasOwn(envelope, key) || (key === 'variables' && variablesAt >= 0))
      throw UNUSUAL;
    json.expect(COLON);
    if (key !== 'variables') envelope[key] = json.value();
    else {
      json.next();
      variablesAt = json.at;
      // With the operation after its variables, these are read once it is known.
      if (typeof envelope['query'] === 'string') variables = scanVariables(body, find(envelope));
      else json.skip();
    }
  } while (json.another(CLOSE_OBJECT));
  if (json.next() !== 0 || json.at !== body.length || variablesAt < 0) return null;
  if (!variables) {
    json.at = variablesAt;
    variables = scanVariables(body, find(envelope));
  }
  return { ...envelope, variables };
}

function scanVariables(body: Buffer, operation: ScannableOperation | null): Variables {
  if (!operation) throw UNUSUAL;
  return operation.scanner.scan(json, () => {
    const { variables } = JSON.parse(body.toString()) as { readonly variables: Variables };
    const read = operation.read(variables);
    if (!read) throw new Error('variables that were scanned are not of their types');
    return read;
  });
}
