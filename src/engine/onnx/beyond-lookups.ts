import { bytes, fieldsOf, integer, Message, message, type RawField, text } from './protobuf';
import { ELEMENT_TYPE } from './tensor';

/** What an input's texts stand for in the model: the number of each that it knows, and that of all others. */
export interface Lookup {
  readonly ids: ReadonlyMap<string, number>;
  readonly otherwise: number;
}

export interface BeyondLookups {
  /** The model, whose looked-up inputs take the numbers (int64, same names and shapes). */
  readonly model: Uint8Array;
  /** By input. */
  readonly lookups: ReadonlyMap<string, Lookup>;
}

/** Fields of ONNX's ModelProto, GraphProto and NodeProto. */
const GRAPH = 7;
const NODE = 1;
const GRAPH_INPUT = 11;

/**
 * A model that is entered behind its lookups: for whoever has the same texts many times, and looks each up once. It
 * computes from the numbers what it computed from the texts, to the last bit.
 *
 * @throws RangeError when an input of texts does something else than to be looked up
 */
export function beyondLookups(file: Uint8Array): BeyondLookups {
  const lookups = new Map<string, Lookup>();
  const model = fieldsOf(file).map((field) =>
    field.number === GRAPH ? bytes(GRAPH, rewriteGraph(fieldsOf(field.content), lookups)) : field.whole,
  );
  return { model: Buffer.concat(model), lookups };
}

function rewriteGraph(fields: readonly RawField[], lookups: Map<string, Lookup>): Uint8Array {
  const texts = new Set(fields.filter(isTextInput).map(({ content }) => new Message(content).text(1)));
  const rewritten = fields.map((field) => {
    if (field.number !== NODE) return field.whole;
    const node = new Message(field.content);
    const input = node.texts(1).find((name) => texts.has(name));
    if (input === undefined) return field.whole;
    const lookup = node.text(4) === 'LabelEncoder' ? lookupOf(node) : null;
    if (!lookup || lookups.has(input))
      throw new RangeError(`the input ${input} is not only looked up, so that the model needs its texts`);
    lookups.set(input, lookup);
    return message(NODE, [text(1, input), text(2, node.text(2)), text(3, node.text(3)), text(4, 'Identity')]);
  });
  return Buffer.concat(
    rewritten.map((whole, index) => {
      const field = fields[index];
      return field && isTextInput(field) ? numbersInput(field.content) : whole;
    }),
  );
}

function isTextInput({ number, content }: RawField): boolean {
  if (number !== GRAPH_INPUT) return false;
  const tensor = new Message(content).message(2)?.message(1);
  return tensor?.integer(1) === ELEMENT_TYPE.string;
}

/** The input with whole numbers in the place of texts. */
function numbersInput(content: Uint8Array): Uint8Array {
  const input = new Message(content);
  const [shape = new Uint8Array()] = input.message(2)?.message(1)?.bytes(2) ?? [];
  const tensor = message(1, [integer(1, ELEMENT_TYPE.int64), bytes(2, shape)]);
  return message(GRAPH_INPUT, [text(1, input.text(1)), message(2, [tensor])]);
}

function lookupOf(node: Message): Lookup | null {
  const attributes = new Map(node.messages(5).map((attribute) => [attribute.text(1), attribute]));
  const keys = attributes.get('keys_strings')?.texts(9);
  const values = attributes.get('values_int64s')?.integers(8);
  const otherwise = attributes.get('default_int64')?.integer(3);
  if (!keys || !values || otherwise === undefined) return null;
  return { ids: new Map(keys.map((key, index) => [key, Number(values[index])])), otherwise };
}
