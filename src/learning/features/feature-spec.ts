import { z } from 'zod';
import { categoryCleaning, numberCleaning, rowCleaning } from './cleaning';
import { COMPOUND_FEATURES, isBag, isCompound, isCompoundType, rawWidth } from './compound';
import { derivedFeature, MAX_MINUTES } from './derived/derived-feature';
import { derivedProblems } from './derived/derived-problems';
import { derivedFeatures } from './derived/read-derived';
import { CYCLIC_PARTS } from './moment';
import { entityProblems } from './entities/entity-problems';
import { entitySchema } from './entities/entity-spec';
import { columnName as column, featureName as name, numberEncoding } from './spec-fields';
import { ANY_KIND, eventLabelOf, type LabelSpec, labelSchema } from './label-spec';
import { dateSchema, momentFields, momentProblems, type MomentsSpec } from './moments-spec';
import { personalSchema } from './personal-data';
import { splitProblems, splitSchema } from './split-spec';
import { type Unlabelled } from './unlabelled';

/** Raw values of one field of events in one history: what a request and a batch can still carry. */
const MAX_FIELD_VALUES = 16_384;

/** A real number. */
const numericFeature = z.strictObject({
  type: z.literal('numeric'),
  name,
  /** The file's column; the feature's name when absent. */
  column: column.optional(),
  ...numberEncoding,
  cleaning: numberCleaning.optional(),
});

/** One of many values; those outside the training part's vocabulary share the unknown bucket. */
const categoricalFeature = z.strictObject({
  type: z.literal('categorical'),
  name,
  column: column.optional(),
  maxVocabulary: z.int().min(1).max(1_000_000).default(1000),
  cleaning: categoryCleaning.optional(),
});

/** A part of the example's moment (UTC), encoded as sine and cosine over its period. */
const cyclicFeature = z.strictObject({
  type: z.literal('cyclic'),
  name,
  part: z.enum(CYCLIC_PARTS),
});

/** Of the steps of a row's history (TABLE), oldest first, one column for each. */
const stepColumns = { columns: z.array(column).min(1).max(512).optional() };

/** Inside a sequence of events only: seconds between the event and the example's moment, as ln(1+s). */
const elapsedField = z.strictObject({ type: z.literal('elapsed'), name });

/**
 * What a tenant's data means, for one domain. Unknown keys are errors.
 *
 * `TABLE`: one row is one example. `EVENTS`: one row is one event of a subject; some events, or given
 * dates, are moments of prediction, and each becomes an example whose history is the same subject's events strictly
 * before it. The features of a date are the subject's latest values before it.
 *
 * A row of a TABLE may hold a short history too, in columns: six months of bills, say. Each field then names
 * `columns`, one for each step. Steps before the first that has any value are no part of the history.
 */
export const featureSpecSchema = z
  .strictObject({
    shape: z.enum(['TABLE', 'EVENTS']),
    /** Identifies the example in evaluations; the row's line number when absent. */
    idColumn: column.optional(),
    subjectColumn: column.optional(),
    /** ISO 8601 moment of the row. Splits are by time where it is given. */
    timeColumn: column.optional(),
    kindColumn: column.optional(),
    /** EVENTS: sessions, where moments or the label are of one. */
    sessionColumn: column.optional(),
    /** The data is complete until this moment; what lies at or after it is left out. The last event where absent. */
    dataUntil: dateSchema.optional(),
    ...momentFields,
    cleaning: rowCleaning.optional(),
    /**
     * EVENTS: a longer pause of the subject ends its session. Derived features of sessions need it; for a label within a
     * session, 30 where absent.
     */
    sessionGapMinutes: z.number().positive().max(MAX_MINUTES).optional(),
    label: labelSchema,
    features: z
      .array(
        z.discriminatedUnion('type', [
          numericFeature,
          categoricalFeature,
          cyclicFeature,
          derivedFeature,
          ...COMPOUND_FEATURES,
        ]),
      )
      .max(2000),
    sequence: z
      .strictObject({
        /** EVENTS: most recent events kept. TABLE: steps, as many as each field has columns. */
        maxLength: z.int().min(1).max(512),
        fields: z
          .array(
            z.discriminatedUnion('type', [
              numericFeature.extend(stepColumns),
              categoricalFeature.extend(stepColumns),
              elapsedField,
              ...COMPOUND_FEATURES,
            ]),
          )
          .min(1)
          .max(64),
      })
      .optional(),
    /** How the examples are divided into training, validation and test. */
    split: splitSchema.optional(),
    /** Files beside this one, whose columns are named `<entity>.<column>`. */
    entities: z.array(entitySchema).min(1).max(16).optional(),
    /** Columns that hold personal data, read or not. */
    personal: personalSchema.optional(),
  })
  .check((ctx) => {
    const spec = ctx.value;
    const fail = (path: string, message: string) =>
      ctx.issues.push({ code: 'custom', input: spec, path: path.split('.'), message });
    if (spec.shape === 'EVENTS') {
      if (!spec.subjectColumn) fail('subjectColumn', 'EVENTS data needs the column that names the subject');
      if (!spec.timeColumn) fail('timeColumn', 'EVENTS data needs the column that holds the moment');
      for (const [path, message] of eventProblems(spec)) fail(path, message);
      if (spec.momentDates && spec.features.some(({ type }) => type === 'derived'))
        fail(
          'momentDates',
          'derived features are of moments that are events: give momentKinds or momentEvent',
        );
    } else {
      if (!('column' in spec.label)) fail('label', 'a label that is an event needs EVENTS data');
      for (const key of ['momentDates', 'momentEvent', 'sessionColumn'] as const)
        if (spec[key] !== undefined) fail(key, 'is for EVENTS data; leave it out');
    }
    spec.sequence?.fields.forEach((field, index) => {
      const problem = misfit(field, spec.shape, spec.sequence?.maxLength ?? 0);
      if (problem) fail(`sequence.fields.${index}.${problem.key}`, problem.message);
    });
    for (const [key, value] of [
      ['dataUntil', spec.dataUntil],
      ['cleaning.timeFormats', spec.cleaning?.timeFormats],
    ] as const)
      if (value !== undefined && !spec.timeColumn)
        fail(key, 'needs the column that holds the moment, timeColumn');
    for (const [path, message] of splitProblems(spec)) fail(path, message);
    for (const [path, message] of entityProblems(spec)) fail(path, message);
    if (spec.features.some((feature) => feature.type === 'cyclic') && !spec.timeColumn)
      fail('timeColumn', 'cyclic features need the column that holds the moment');
    for (const { path, message } of derivedProblems(spec)) fail(path, message);
    if (spec.features.some((feature) => feature.type === 'timestamp') && !spec.timeColumn)
      fail(
        'timeColumn',
        'timestamp features need the column that holds the moment of prediction: what lies after it is not known yet',
      );
    const { maxLength = 0, fields: eventFields = [] } = spec.sequence ?? {};
    eventFields.forEach((field, index) => {
      if (isCompound(field) && maxLength * rawWidth(field) > MAX_FIELD_VALUES)
        fail(
          `sequence.fields.${index}`,
          `${field.name} would have ${maxLength * rawWidth(field)} values in a history, at most ${MAX_FIELD_VALUES} are possible: shorten maxLength, or the field's own size`,
        );
    });
    for (const [path, names] of [
      ['features', spec.features.map((feature) => feature.name)],
      ['sequence.fields', (spec.sequence?.fields ?? []).map((field) => field.name)],
    ] as const) {
      const twice = names.find((candidate, index) => names.indexOf(candidate) !== index);
      if (twice) fail(path, `the name ${twice} is used twice`);
    }
    for (const [path, fields] of [
      ['features', spec.features],
      ['sequence.fields', spec.sequence?.fields ?? []],
    ] as const)
      fields.forEach((field, index) => {
        if ('encoding' in field && field.encoding === 'standard' && field.bins !== undefined)
          fail(
            `${path}.${index}.bins`,
            'the standard encoding has no bins; choose another, or leave this out',
          );
      });
    // The artifact's own input `s_length` says how many events of a history are valid.
    if (spec.sequence?.fields.some((field) => field.name === 'length'))
      fail('sequence.fields', 'the name length is reserved; choose another, such as eventLength');
    if (spec.features.length === 0 && !spec.sequence)
      fail('features', 'at least one feature or a sequence is needed');
  });

interface EventSpec extends MomentsSpec {
  readonly kindColumn?: string | undefined;
  readonly sessionColumn?: string | undefined;
  readonly label: LabelSpec;
  readonly features: Parameters<typeof derivedFeatures>[0]['features'];
}

/** What in an EVENTS spec does not fit together, by path. */
function eventProblems(spec: EventSpec): ReadonlyArray<readonly [path: string, message: string]> {
  const label = eventLabelOf(spec.label);
  const kinds = [
    ...(spec.momentKinds ?? []),
    ...(label ? [label.kind] : []),
    ...derivedFeatures(spec).flatMap((feature) =>
      'of' in feature ? feature.of : 'kinds' in feature ? (feature.kinds ?? []) : [],
    ),
  ];
  const needsSession = label?.windowMs === null || spec.momentEvent?.of === 'session';
  const checks: ReadonlyArray<readonly [boolean, string, string]> = [
    [
      spec.kindColumn === undefined && kinds.some((kind) => kind !== ANY_KIND),
      'kindColumn',
      'EVENTS data needs the column that names the kind of event, unless every kind is meant: *',
    ],
    [needsSession && spec.sessionColumn === undefined, 'sessionColumn', 'name the column of the sessions'],
    [
      spec.momentDates !== undefined && !label,
      'label',
      'a date has no row whose column could be the label: give an event or noEvent',
    ],
    [
      spec.momentDates !== undefined && label?.windowMs === null,
      'label.within',
      'a date is in no session: give a duration',
    ],
  ];
  return [
    ...momentProblems(spec),
    ...checks.flatMap(([fails, path, message]) => (fails ? [[path, message] as const] : [])),
  ];
}

/** What keeps a field from being one of histories in data of this shape. */
function misfit(
  field: {
    readonly type: string;
    readonly column?: string | undefined;
    readonly columns?: readonly string[] | undefined;
  },
  shape: 'TABLE' | 'EVENTS',
  maxLength: number,
): { readonly key: string; readonly message: string } | null {
  if (shape === 'EVENTS')
    return field.columns
      ? { key: 'columns', message: 'is for TABLE data; an event has one column for each field' }
      : null;
  if (field.type === 'elapsed')
    return { key: 'type', message: 'elapsed needs EVENTS data; the steps of a row have no moments' };
  if (isCompoundType(field.type))
    return {
      key: 'type',
      message: `a ${field.type} field needs EVENTS data; the steps of a row hold numbers and categories`,
    };
  if (field.column !== undefined)
    return { key: 'column', message: "is for EVENTS data; name the steps' columns in columns" };
  if (field.columns?.length !== maxLength)
    return {
      key: 'columns',
      message: `must name maxLength (${maxLength}) columns, those of the oldest step first`,
    };
  return null;
}

/** A specification that can be trained with. */
export type LabelledSpec = z.infer<typeof featureSpecSchema>;
/** Also one that `unlabelled` has made, of examples that are only to be scored. */
export type FeatureSpec = Omit<LabelledSpec, 'label'> & { readonly label: LabelSpec | Unlabelled };
/** What may be written: defaults left out. */
export type FeatureSpecInput = z.input<typeof featureSpecSchema>;
/** How a number is encoded, as its feature or field says. */
export type NumberEncoding = Pick<
  Extract<FeatureSpec['features'][number], { type: 'numeric' }>,
  'transform' | 'encoding' | 'bins' | 'cleaning'
>;
export type StaticFeature = FeatureSpec['features'][number];
export type SequenceField = NonNullable<FeatureSpec['sequence']>['fields'][number];

type OneNumber = 'numeric' | 'cyclic' | 'elapsed' | 'derived';

/** Whether a feature or field is one raw number, given or computed from moments. */
export function isNumber<F extends StaticFeature | SequenceField>(
  feature: F,
): feature is Extract<F, { type: OneNumber }> {
  return ['numeric', 'cyclic', 'elapsed', 'derived'].includes(feature.type);
}

/** Whether its raw values are texts. */
export function holdsCategories(feature: StaticFeature | SequenceField): boolean {
  return feature.type === 'categorical' || (isCompound(feature) && isBag(feature));
}
