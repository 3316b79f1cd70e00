import { Args, Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import {
  type DatasetProfile as ProfileData,
  LEAK_KINDS,
  TIME_UNITS,
} from '../../learning/preparation/profile/dataset-profile';
import { type ReadProfile } from '../../services/datasets/dataset-profiles.service';
import { type Connection, PageArgs } from '../connections/connection';
import { DomainConfiguration } from '../domains/configuration';
import { enumOf } from '../enum-of';
import { SafeInt } from '../scalars';
import { ColumnProfile, ColumnProfileConnection } from './column-profile';
import { columnPage } from './column-page';

export const LeakKind = enumOf(LEAK_KINDS);
registerEnumType(LeakKind, {
  name: 'LeakKind',
  description: 'How a dataset gives its label away.',
  valuesConfig: {
    FEATURE_ORDERS_LABEL: {
      description: 'The values of a column alone order the label: |AUC − 0.5| > 0.45.',
    },
    PRESENCE_TELLS_LABEL: { description: "A column's having a value tells the label: |AUC − 0.5| > 0.45." },
    ID_ORDERS_LABEL: {
      description:
        'A column of whole numbers, none of them of two rows or subjects, orders the label: |AUC − 0.5| > 0.45.',
    },
    ROW_ORDER_FOLLOWS_LABEL: { description: 'The rows are sorted by the label: |AUC − 0.5| > 0.45.' },
    MOMENT_AFTER_PREDICTION: {
      description: 'A column holds moments after the moment of prediction, in one row or more.',
    },
  },
});

export const TimeUnit = enumOf(TIME_UNITS);
registerEnumType(TimeUnit, {
  name: 'TimeUnit',
  description: 'A unit of the calendar, UTC.',
  valuesConfig: {
    HOUR: { description: 'An hour.' },
    DAY: { description: 'A day.' },
    WEEK: { description: 'A week; it begins on Monday.' },
    MONTH: { description: 'A month.' },
    QUARTER: { description: 'Three months.' },
    YEAR: { description: 'A year.' },
    DECADE: { description: 'Ten years.' },
  },
});

@ObjectType('DuplicatedRow', { description: 'A row that occurs more than once.' })
export class DuplicatedRow {
  @Field(() => SafeInt, { description: 'The line of its first occurrence.' })
  readonly line!: number;

  @Field(() => SafeInt, { description: 'Its further occurrences.' })
  readonly copies!: number;
}

@ObjectType('DuplicateRows', { description: 'Rows that equal an earlier one in every cell.' })
export class DuplicateRows {
  @Field(() => SafeInt, {
    description:
      'How many there are, first occurrences not counted. Training leaves them out of events, and of tables that have an id column.',
  })
  readonly count!: number;

  @Field(() => [DuplicatedRow], { description: 'Those with the most copies, five at most.' })
  readonly examples!: readonly DuplicatedRow[];
}

@ObjectType('LabelBucket', { description: 'The labels of one unit of time.' })
export class LabelBucket {
  @Field(() => Date, { description: 'When the unit begins.' })
  readonly from!: Date;

  @Field(() => SafeInt, { description: 'Rows with a label.' })
  readonly count!: number;

  @Field(() => SafeInt, { description: 'Of those, the ones whose label is yes.' })
  readonly positives!: number;

  @Field(() => Float, { description: '`positives / count`, 0 to 1.' })
  readonly rate!: number;
}

@ObjectType('LabelOverTime', { description: 'How often the label is yes, over time.' })
export class LabelOverTime {
  @Field(() => TimeUnit, { description: 'How long a bucket is; chosen so that there are about 60 at most.' })
  readonly unit!: string;

  @Field(() => [LabelBucket], { description: 'In order of time; units without a label are left out.' })
  readonly buckets!: readonly LabelBucket[];
}

@ObjectType('LabelProfile', {
  description: 'The label, of rows that can be read and are moments of prediction; exact copies included.',
})
export class LabelProfile {
  @Field(() => SafeInt, { description: 'Rows whose label is known.' })
  readonly count!: number;

  @Field(() => SafeInt, { description: 'Of those, the ones whose label is yes.' })
  readonly positives!: number;

  @Field(() => Float, { nullable: true, description: '`positives / count`, 0 to 1; null without a label.' })
  readonly rate!: number | null;

  @Field(() => SafeInt, {
    description:
      'Moments of prediction whose label is not known yet, because the data ends before the window of the label does.',
  })
  readonly censored!: number;

  @Field(() => LabelOverTime, {
    nullable: true,
    description: 'Null when the configuration names no time column, or no label is known.',
  })
  readonly overTime!: LabelOverTime | null;

  static from({ count, positives, censored, overTime }: ProfileData['label']): LabelProfile {
    const rate = (bucket: { count: number; positives: number }) =>
      bucket.count === 0 ? null : bucket.positives / bucket.count;
    return Object.assign(new LabelProfile(), {
      count,
      positives,
      rate: rate({ count, positives }),
      censored,
      overTime: overTime && {
        unit: overTime.unit,
        buckets: overTime.buckets.map((bucket) => ({
          ...bucket,
          from: new Date(bucket.from),
          rate: rate(bucket),
        })),
      },
    });
  }
}

@ObjectType('DriftParts', {
  description:
    'The thirds of the readable rows by time whose values are compared; equal moments stay together.',
})
export class DriftParts {
  @Field(() => Date, { description: 'The last moment of the first part.' })
  readonly firstUntil!: Date;

  @Field(() => Date, { description: 'The first moment of the last part.' })
  readonly lastFrom!: Date;

  @Field(() => SafeInt, { description: 'Rows in the first part.' })
  readonly firstCount!: number;

  @Field(() => SafeInt, { description: 'Rows in the last part.' })
  readonly lastCount!: number;
}

@ObjectType('LeakWarning', {
  description:
    'A sign that the data knows the label before it could: a model trained on it looks better than it is.',
})
export class LeakWarning {
  @Field(() => LeakKind, { description: 'What kind of sign.' })
  readonly kind!: string;

  @Field(() => String, { nullable: true, description: 'The column; null when it is the order of the rows.' })
  readonly column!: string | null;

  @Field(() => Float, { nullable: true, description: 'The AUC that gave it away; null for moments.' })
  readonly auc!: number | null;

  @Field(() => SafeInt, { description: 'Rows concerned; with `momentDates`, dates of a subject.' })
  readonly count!: number;

  @Field(() => String, { description: 'What was found and what to do, for people.' })
  readonly message!: string;
}

@ObjectType('DatasetProfile', {
  description:
    "What is in a dataset and what is wrong with it, as your tenant's configuration in force reads it. Made once for each configuration.",
})
export class DatasetProfile {
  private readonly data!: ProfileData;

  @Field(() => DomainConfiguration, { description: 'The configuration that the file was read with.' })
  readonly configuration!: DomainConfiguration;

  @Field(() => Date, { description: 'When it was made.' })
  readonly createdAt!: Date;

  @Field(() => SafeInt, {
    description: 'Rows that could be split into cells; columns are counted over them.',
  })
  readonly rowCount!: number;

  @Field(() => SafeInt, { description: 'Rows that could not, such as those with a field too many.' })
  readonly unreadableCount!: number;

  @Field(() => SafeInt, {
    description:
      'Rows that training leaves out: unreadable, or with a cell that the configuration cannot read.',
  })
  readonly quarantinedCount!: number;

  @Field(() => DuplicateRows, { description: 'Rows that equal an earlier one.' })
  readonly duplicates!: DuplicateRows;

  @Field(() => LabelProfile, { description: 'How often the label is yes, overall and over time.' })
  readonly label!: LabelProfile;

  @Field(() => DriftParts, {
    nullable: true,
    description:
      'The parts that `ColumnProfile.drift` compares; null without a time column, or without two parts.',
  })
  readonly drift!: DriftParts | null;

  @Field(() => [LeakWarning], { description: 'What gives the label away; empty when nothing was found.' })
  readonly leaks!: readonly LeakWarning[];

  @Field(() => Int, {
    description: 'How many columns the file has, with those that are read of entities it is joined with.',
  })
  readonly columnCount!: number;

  @Field(() => ColumnProfileConnection, {
    description:
      'The columns, in the order of the file; then, once each entity of the configuration has a dataset whose mapping is certain, the columns that are read of the newest of them, as `<entity>.<column>` and as the rows see them.',
  })
  columns(@Args(() => PageArgs) page: PageArgs): Connection<ColumnProfile> {
    return ColumnProfileConnection.from(columnPage(this.data.columns, page), ({ column }) =>
      ColumnProfile.from(column),
    );
  }

  static from({ profile, configuration, createdAt }: ReadProfile): DatasetProfile {
    const { rowCount, unreadableCount, quarantinedCount, duplicates, leaks, drift } = profile;
    return Object.assign(new DatasetProfile(), {
      data: profile,
      configuration: DomainConfiguration.from(configuration),
      createdAt,
      rowCount,
      unreadableCount,
      quarantinedCount,
      duplicates,
      label: LabelProfile.from(profile.label),
      drift: drift && {
        ...drift,
        firstUntil: new Date(drift.firstUntil),
        lastFrom: new Date(drift.lastFrom),
      },
      leaks,
      columnCount: profile.columns.length,
    });
  }
}
