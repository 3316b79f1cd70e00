import { type ArtifactTensor } from '../../../learning/export/artifact-inputs';

/** What an artifact takes: one tensor per raw feature, by input name. The first axis of each is the row. */
export type ArtifactInputs = Readonly<Record<string, ArtifactTensor>>;

/** What an artifact answers, by output name: [rows] or [rows · width], row-major. */
export type ArtifactOutputs = Readonly<Record<string, Float32Array>>;

/** One tenant's artifact. Two tenants never share a session, even where their files are the same. */
export interface ArtifactKey {
  readonly tenantId: string;
  readonly sha256: string;
  /** Most rows of it that run together, where that is less than of others: rows that take long must not keep a thread. */
  readonly maxBatchRows?: number;
}
