import { type AuditAction } from '../../../src/platform/audit/actions';
import { type ApiTenant } from '../api/test-api';

interface Call {
  readonly input: object;
  readonly action: AuditAction;
}

/** The mutations about the data of a subject, in a state in which they change something. */
export const subjectCalls = (
  owner: () => ApiTenant,
): Readonly<Record<string, () => Call | Promise<Call>>> => ({
  exportSubject: () => ({ input: { subjectId: 'u1' }, action: 'SUBJECT_EXPORT_REQUESTED' }),
  eraseSubject: () => ({ input: { subjectId: 'u1', models: 'RETIRE' }, action: 'SUBJECT_ERASURE_REQUESTED' }),
  allowSubject: async () => {
    await owner().caller.data(
      'mutation { eraseSubject(input: { subjectId: "u1", models: RETIRE }) { __typename } }',
    );
    return { input: { subjectId: 'u1' }, action: 'SUBJECT_ALLOWED' };
  },
});
