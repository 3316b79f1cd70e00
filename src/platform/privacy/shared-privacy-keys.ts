import path from 'node:path';
import { type Config } from '../config/config';
import { PrivacyKeys } from './privacy-keys';

/** The keys of an installation, read when they are first needed: most processes of most installations never do. */
export class SharedPrivacyKeys {
  private opened: Promise<PrivacyKeys> | null = null;
  private readonly file: string;

  constructor({ privacyKeyFile, dataDirectory }: Pick<Config, 'privacyKeyFile' | 'dataDirectory'>) {
    this.file = privacyKeyFile ?? path.join(dataDirectory, 'privacy-keys.json');
  }

  /** @throws AppError INVALID_CONFIGURATION when the file can be neither read nor made */
  async get(): Promise<PrivacyKeys> {
    this.opened ??= PrivacyKeys.open(this.file);
    try {
      return await this.opened;
    } catch (error) {
      // The file may be mended meanwhile.
      this.opened = null;
      throw error;
    }
  }
}
