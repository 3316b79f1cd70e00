import {
  type DocumentNode,
  getNamedType,
  getNullableType,
  type GraphQLSchema,
  isInputObjectType,
  isInputType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  typeFromAST,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { TAKES_GIVEN } from '../../../graphql/given-argument';
import { inputLayout, type InputLayout } from '../../../graphql/given/input-layout';
import { type JsonBytes, UNUSUAL } from '../../../graphql/given/json-bytes';
import { scanInputs } from '../../../graphql/given/scan-inputs';
import { ScannedInputs } from '../../../graphql/given/scanned-inputs';
import { type Variables } from './variables-reader';

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const COLON = 0x3a;

/** All variables of the request, by `JSON.parse` and as GraphQL reads them. */
type ReadAll = () => Variables;

interface ScannedVariable {
  readonly isList: boolean;
  readonly layout: InputLayout;
}

/** Reads the variables of an operation from bytes: those that are inputs as rows. */
export class VariablesScanner {
  private constructor(
    /** Null for those that are no inputs. */
    private readonly variables: ReadonlyMap<string, ScannedVariable | null>,
  ) {}

  /** @returns null where no variable is inputs as a whole, and nothing else, for fields that take them so */
  static of(
    schema: GraphQLSchema,
    document: DocumentNode,
    { variableDefinitions = [] }: OperationDefinitionNode,
  ): VariablesScanner | null {
    const others = usedOtherwise(schema, document);
    const variables = new Map<string, ScannedVariable | null>();
    for (const { variable, type: node, defaultValue } of variableDefinitions) {
      const name = variable.name.value;
      const type = typeFromAST(schema, node);
      const inner = type && getNamedType(type);
      const isPlain = others.has(name) || defaultValue !== undefined || !isInputType(type);
      const layout = !isPlain && isInputObjectType(inner) ? inputLayout(inner) : null;
      const isList = isListType(type && getNullableType(type));
      variables.set(name, layout && { isList, layout });
    }
    return [...variables.values()].some((variable) => variable !== null)
      ? new VariablesScanner(variables)
      : null;
  }

  /** @throws UNUSUAL */
  scan(json: JsonBytes, readAll: ReadAll): Variables {
    const scanned: Record<string, unknown> = {};
    json.expect(OPEN_OBJECT);
    if (json.isEmpty(CLOSE_OBJECT)) return scanned;
    do {
      json.next();
      const name = json.text();
      const variable = this.variables.get(name);
      // One that is unknown, or given twice.
      if (variable === undefined || json.isSuspect(name) || Object.hasOwn(scanned, name)) throw UNUSUAL;
      json.expect(COLON);
      const first = json.next();
      if (json.isNull()) scanned[name] = null;
      else if (variable) {
        const { layout, isList } = variable;
        const rows = scanInputs(json, layout, isList ? 'list' : 'one');
        scanned[name] = new ScannedInputs(layout, rows, () => readAll()[name]);
      } else if (first === OPEN_OBJECT || first === OPEN_LIST) throw UNUSUAL;
      else scanned[name] = json.value();
    } while (json.another(CLOSE_OBJECT));
    return scanned;
  }
}

/** Variables with any use but as the whole argument of a field that takes inputs as they were given. */
function usedOtherwise(schema: GraphQLSchema, document: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>();
  const info = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(info, {
      VariableDefinition: () => false,
      Variable(node, _key, parent) {
        const holder = parent && 'kind' in parent ? parent : null;
        const takesGiven =
          holder?.kind === Kind.ARGUMENT &&
          info.getDirective() == null &&
          info.getFieldDef()?.extensions[TAKES_GIVEN] === true;
        if (!takesGiven) names.add(node.name.value);
      },
    }),
  );
  return names;
}
