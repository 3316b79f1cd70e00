import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { exactConfiguration } from '../../services/training/exact-configuration';
import { type GraphqlContext } from '../context';
import { COST } from '../limits/cost';
import { ExactConfiguration } from './exact-configuration';
import { TrainingRun } from './training-run';

/** With what a run is, or will be, executed. */
@Resolver(() => TrainingRun)
export class ExactConfigurationResolver {
  @FieldResolver(() => ExactConfiguration, {
    complexity: COST.QUERY,
    description:
      'With what exactly it is executed, or will be: what it learns, and how, is fixed when it is asked for.',
  })
  async exactConfiguration(
    @Root() { entity }: TrainingRun,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<ExactConfiguration> {
    const [configuration, current, dataset, attempts] = await Promise.all([
      loaders.configuration.load(entity.configurationId),
      loaders.currentConfiguration.load(entity.kind),
      loaders.dataset.load(entity.datasetId),
      loaders.attemptsOfJob.load(entity.id),
    ]);
    return Object.assign(new ExactConfiguration(), {
      ...exactConfiguration(entity, configuration),
      isInForce: current?.id === configuration.id && entity.overrides === null,
      datasetSha256: dataset.sha256,
      startFromVersionId: entity.startVersionId,
      codeVersion: attempts.findLast(({ codeVersion }) => codeVersion !== null)?.codeVersion ?? null,
    });
  }
}
