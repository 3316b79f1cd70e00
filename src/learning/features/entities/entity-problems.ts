import { type FeatureSpec } from '../feature-spec';
import { eventLabelOf } from '../label-spec';
import { readColumns } from '../read-columns';
import { columnsOfEntities, entityOf, ownNameOf } from './entity-spec';

/** What in a spec's entities does not fit together, by path. */
export function entityProblems(spec: FeatureSpec): ReadonlyArray<readonly [path: string, message: string]> {
  const { entities, label } = spec;
  if (!entities) return [];
  const where = eventLabelOf(label)?.where?.column;
  const ofTheRow: ReadonlyArray<readonly [path: string, column: string | undefined]> = [
    ['idColumn', spec.idColumn],
    ['subjectColumn', spec.subjectColumn],
    ['timeColumn', spec.timeColumn],
    ['kindColumn', spec.kindColumn],
    ['sessionColumn', spec.sessionColumn],
    ['label.column', 'column' in label ? label.column : undefined],
    ['label.where.column', where],
    ...entities.map(({ key }, index) => [`entities.${index}.key`, key] as const),
  ];
  const read = columnsOfEntities(spec, readColumns(spec));
  return [
    ...ofTheRow.flatMap(([path, column]) => {
      const entity = column === undefined ? null : entityOf(spec, column);
      return entity
        ? [[path, `must be a column of the rows themselves, not of ${entity.name}`] as const]
        : [];
    }),
    ...entities.flatMap(({ name, key, validFromColumn, cleaning }, index) => {
      const checks: ReadonlyArray<readonly [boolean, string, string]> = [
        [entities.findIndex((other) => other.name === name) !== index, 'name', `${name} is there twice`],
        [
          read[index]?.columns.length === 0,
          'name',
          `nothing reads a column of it: name one as ${name}.<column>, or leave the entity out`,
        ],
        [
          'column' in label && label.column === key,
          'key',
          'is the label: what is looked up with it would know the answer',
        ],
        [
          validFromColumn !== undefined && spec.timeColumn === undefined,
          'validFromColumn',
          'needs the column that holds the moment, timeColumn',
        ],
        [
          cleaning?.timeFormats !== undefined && validFromColumn === undefined,
          'cleaning.timeFormats',
          'needs validFromColumn, whose moments they are of',
        ],
      ];
      return checks.flatMap(([fails, key, message]) =>
        fails ? [[`entities.${index}.${key}`, message] as const] : [],
      );
    }),
    ...read.flatMap(({ entity, columns }) =>
      columns.some((column) => ownNameOf(entity, column) === '')
        ? [['entities', `a column of ${entity.name} has no name after the dot`] as const]
        : [],
    ),
  ];
}
