import { type PackedBatch } from './wire-format';

/** To an inference thread. Messages are carried out in the order in which they were sent. */
export type ThreadRequest =
  | { readonly type: 'load'; readonly artifact: string; readonly bytes: Uint8Array }
  | { readonly type: 'release'; readonly artifact: string }
  | {
      readonly type: 'run';
      readonly id: number;
      readonly artifact: string;
      /** See `signatureOf`. */
      readonly signature: string;
      readonly batch: PackedBatch;
    }
  | { readonly type: 'close' };

/** From an inference thread: one per `run`. */
export type ThreadReply =
  | {
      readonly type: 'done';
      readonly id: number;
      /** Output names, in the order in which `values` holds them. */
      readonly outputs: readonly string[];
      /** Every output in turn, each [rows · width] with the same rows. */
      readonly values: Float32Array;
      /** Values per row, per output. */
      readonly widths: readonly number[];
    }
  | { readonly type: 'failed'; readonly id: number; readonly message: string; readonly loaded: boolean };
