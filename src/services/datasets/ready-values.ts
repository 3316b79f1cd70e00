import { type UploadInspection } from '../../learning/preparation/mapping/inspect-upload';
import { type Dataset } from './dataset.entity';

/** A file that was stored and inspected. */
export interface InspectedFile {
  readonly sha256: string;
  readonly bytes: number;
  readonly inspection: UploadInspection;
  /** The file as it came, where rows were taken out of it. */
  readonly received?: { readonly sha256: string; readonly bytes: number };
}

/** What makes a dataset READY with a file. */
export function readyValues({ sha256, bytes, inspection, received }: InspectedFile) {
  return {
    state: 'READY',
    sha256,
    bytes,
    format: inspection.format,
    rowCount: inspection.rowCount,
    columns: [...inspection.columns],
    columnSketches: [...inspection.sketches],
    quarantinedCount: inspection.quarantined.count,
    quarantineSample: [...inspection.quarantined.sample],
    rejection: null,
    receivedSha256: received?.sha256 ?? null,
    receivedBytes: received?.bytes ?? null,
    uploadedAt: new Date(),
  } satisfies Partial<Dataset>;
}
