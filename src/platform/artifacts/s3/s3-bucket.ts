import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type S3Client } from '@aws-sdk/client-s3';
import { type CopySource } from '../local-copies';
import { s3Client, type S3Patience, type S3Settings } from './s3-client';
import { isAbsent, isBrokenConnection, s3Error } from './s3-errors';
import { type S3Sdk } from './s3-sdk';

/** Content above this is sent in parts, each of which is sent again by itself. */
const PART_BYTES = 16 * 1024 * 1024;
const MOST_PARTS = 10_000;
const PARTS_AT_ONCE = 3;
const RESUME_PAUSE_MS = 200;

/** What is sent: bytes, or chunks of about so many bytes. */
export type Outgoing = Uint8Array | { readonly chunks: AsyncIterable<Uint8Array>; readonly bytes: number };

/** Requests to one bucket: complete or without effect, tried again with growing pauses, with our own errors. */
export class S3Bucket {
  private readonly client: S3Client;

  constructor(
    private readonly sdk: S3Sdk,
    private readonly settings: S3Settings,
    private readonly patience: S3Patience,
  ) {
    this.client = s3Client(sdk, settings, patience);
  }

  /**
   * Stores content under a key, in place of what is there; memory holds a few parts at most.
   * @throws AppError UNAVAILABLE; what was there is as it was then, and parts that were sent are discarded
   */
  async put(key: string, content: Outgoing): Promise<void> {
    const isBytes = content instanceof Uint8Array;
    const bytes = isBytes ? content.length : content.bytes;
    const body = isBytes ? content : Readable.from(content.chunks, { objectMode: false });
    try {
      const upload = new this.sdk.Upload({
        client: this.client,
        params: { ...this.at(key), Body: body },
        partSize: Math.max(PART_BYTES, Math.ceil(bytes / MOST_PARTS)),
        queueSize: PARTS_AT_ONCE,
      });
      await upload.done();
    } catch (error) {
      throw s3Error(error);
    } finally {
      if (body instanceof Readable) body.destroy();
    }
  }

  /** What is stored under a key, as it comes; null when there is nothing. @throws AppError UNAVAILABLE, also its chunks */
  async get(key: string): Promise<CopySource | null> {
    try {
      const { Body, ContentLength, ETag } = await this.client.send(
        new this.sdk.GetObjectCommand(this.at(key)),
      );
      const body = Body as Readable;
      // It may break before anybody reads it.
      body.on('error', () => undefined);
      const bytes = ContentLength ?? 0;
      return { bytes, chunks: this.chunks(key, { body, bytes, etag: ETag }) };
    } catch (error) {
      if (isAbsent(error)) return null;
      throw s3Error(error);
    }
  }

  async has(key: string): Promise<boolean> {
    try {
      await this.client.send(new this.sdk.HeadObjectCommand(this.at(key)));
      return true;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw s3Error(error);
    }
  }

  async delete(key: string): Promise<void> {
    try {
      await this.client.send(new this.sdk.DeleteObjectCommand(this.at(key)));
    } catch (error) {
      if (!isAbsent(error)) throw s3Error(error);
    }
  }

  /** The bytes of a body; where its connection breaks, the rest is asked for. */
  private async *chunks(
    key: string,
    first: { readonly body: Readable; readonly bytes: number; readonly etag: string | undefined },
  ): AsyncGenerator<Uint8Array> {
    let { body } = first;
    let read = 0;
    for (let failures = 0; ;) {
      try {
        for await (const chunk of body) {
          read += (chunk as Uint8Array).length;
          failures = 0;
          yield chunk as Uint8Array;
        }
        if (read >= first.bytes) return;
        throw Object.assign(new Error('the body ended early'), { name: 'IncompleteBody' });
      } catch (error) {
        failures += 1;
        if (!isBrokenConnection(error) || failures >= this.patience.attempts) throw s3Error(error);
      }
      await sleep(RESUME_PAUSE_MS * 2 ** (failures - 1));
      body = await this.rest(key, read, first.etag);
    }
  }

  private async rest(key: string, from: number, etag: string | undefined): Promise<Readable> {
    try {
      const { Body } = await this.client.send(
        new this.sdk.GetObjectCommand({
          ...this.at(key),
          Range: `bytes=${from}-`,
          // What was replaced meanwhile has no rest.
          ...(etag !== undefined && { IfMatch: etag }),
        }),
      );
      return Body as Readable;
    } catch (error) {
      throw s3Error(error);
    }
  }

  private at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.settings.bucket, Key: `${this.settings.prefix}${key}` };
  }
}
