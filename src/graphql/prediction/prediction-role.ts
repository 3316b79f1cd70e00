import { registerEnumType } from 'type-graphql';
import { PREDICTION_ROLES } from '../../services/prediction/log/recorded-prediction';
import { enumOf } from '../enum-of';

export const PredictionRole = enumOf(PREDICTION_ROLES);

registerEnumType(PredictionRole, {
  name: 'PredictionRole',
  description: 'What a version was in its domain when it answered.',
  valuesConfig: {
    CHAMPION: { description: 'The promoted version.' },
    CHALLENGER: { description: 'A version that is tried out beside it.' },
  },
});
