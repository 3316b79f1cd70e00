import type * as clientS3 from '@aws-sdk/client-s3';
import type * as libStorage from '@aws-sdk/lib-storage';

export type S3Sdk = Pick<
  typeof clientS3,
  'S3Client' | 'GetObjectCommand' | 'HeadObjectCommand' | 'DeleteObjectCommand'
> &
  Pick<typeof libStorage, 'Upload'>;

/** The client's code, which most platforms have no use for: it is read where there is one. */
export async function loadS3Sdk(): Promise<S3Sdk> {
  const { S3Client, GetObjectCommand, HeadObjectCommand, DeleteObjectCommand } =
    await import('@aws-sdk/client-s3');
  const { Upload } = await import('@aws-sdk/lib-storage');
  return { S3Client, GetObjectCommand, HeadObjectCommand, DeleteObjectCommand, Upload };
}
