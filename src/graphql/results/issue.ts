import { Field, ObjectType } from 'type-graphql';
import { type Issue as IssueData } from '../../errors';

@ObjectType('Issue', { description: 'One thing that is wrong with an input.' })
export class Issue implements IssueData {
  @Field(() => String, {
    description:
      'Where: the path of a field inside the input such as `featureSpec.label.column` or `0.features.age`, a column of a file, or `line 42`.',
  })
  readonly path!: string;

  @Field(() => String, { description: 'What is wrong there and what would be right.' })
  readonly message!: string;
}
