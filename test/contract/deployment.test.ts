import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { API_NODE_OPTIONS } from '../../src/app/launcher/api-node-options';
import { loadConfig } from '../../src/platform/config/config';

const root = path.resolve(__dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const dockerfile = read('Dockerfile').replaceAll('\\\n', ' ').split('\n');
const instructions = (name: string): string[] =>
  dockerfile
    .filter((line) => line.trim().startsWith(`${name} `))
    .map((line) => line.trim().slice(name.length + 1));

const service = z.looseObject({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).default({}),
});
const compose = z
  .looseObject({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.null()) })
  .parse(parse(read('compose.yaml'), { merge: true }));
const services = Object.entries(compose.services);
const platform = services.filter(([, { build }]) => build !== undefined);

/** Text of compose.yaml with its variables, each of a secret's form. */
const filled = (text: string): string =>
  text.replace(/\$\{(\w+):\?[^}]*\}/g, (_, name: string) =>
    name === 'PROPENSITY_PLATFORM_ADMIN_KEY' ? `pk_${'a'.repeat(43)}` : 'secret',
  );

describe('the Dockerfile', () => {
  it('copies what there is, and what .dockerignore lets through', () => {
    const letThrough = read('.dockerignore').split('\n');
    const copied = instructions('COPY')
      .filter((line) => !line.startsWith('--from'))
      .flatMap((line) => line.split(' ').slice(0, -1));
    expect(copied).toContain('src');
    expect(copied.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
    expect(copied.filter((file) => !letThrough.includes(`!${file}`))).toEqual([]);
  });

  it('starts what the build makes, as a user without rights, and says whether it is healthy', () => {
    const [command] = instructions('CMD').slice(-1);
    const words = z.array(z.string()).parse(JSON.parse(command ?? ''));
    expect(words.slice(0, -1)).toEqual(['node', ...API_NODE_OPTIONS]);
    expect(existsSync(path.join(root, words.at(-1) ?? ''))).toBe(true);
    expect(instructions('USER')).toEqual(['node']);
    expect(instructions('HEALTHCHECK')[0]).toContain('/health/ready');
  });
});

describe('compose.yaml', () => {
  it('has two workers beside the API, and waits for what they need until it is healthy', () => {
    expect(platform.map(([name]) => name)).toEqual(['api', 'worker-1', 'worker-2']);
    for (const [name, { depends_on: needed, healthcheck, build }] of services) {
      // An image of ours brings its check.
      expect([name, healthcheck !== undefined || build !== undefined]).toEqual([name, true]);
      for (const other of Object.keys(needed)) expect(compose.services[other]?.healthcheck).toBeDefined();
    }
  });

  it('starts what the build makes', () => {
    for (const [, { command }] of platform) {
      if (command)
        expect([command[0], existsSync(path.join(root, command[1] ?? ''))]).toEqual(['node', true]);
    }
  });

  it('sets what the platform reads, the same for every process', () => {
    const image = Object.fromEntries(
      (instructions('ENV')[0] ?? '').split(' ').map((pair) => pair.split('=') as [string, string]),
    );
    for (const [, { environment }] of platform) {
      const config = loadConfig(
        Object.fromEntries(
          Object.entries({ ...image, ...environment }).map(([name, value]) => [name, filled(value)]),
        ),
      );
      expect(config).toMatchObject({
        production: true,
        databaseUrl: 'postgres://propensity:secret@postgres:5432/propensity',
        redisUrl: 'redis://redis:6379',
        artifactUrl: 's3://propensity',
        dataDirectory: '/data',
        privacyKeyFile: '/shared/privacy-keys.json',
      });
    }
  });

  it('names its volumes, and has its secrets from .env alone, each of which .env.example explains', () => {
    const named = services.flatMap(([, { volumes }]) => volumes.map((volume) => volume.split(':')[0]));
    expect(new Set(named)).toEqual(new Set(Object.keys(compose.volumes)));
    const asked = [...read('compose.yaml').matchAll(/\$\{(\w+)/g)].map(([, name]) => name);
    const given = [...read('.env.example').matchAll(/^(\w+)=$/gm)].map(([, name]) => name);
    expect(new Set(asked)).toEqual(new Set(given));
    expect(read('.gitignore').split('\n')).toContain('.env');
  });
});
