import { type Deployment, type Member } from '../deployment';
import { type Link } from '../processes/link';
import { type Service } from '../processes/service';

export const KINDS = ['kill', 'killWithChildren', 'stop', 'reset', 'silence', 'readOnly'] as const;
export type Kind = (typeof KINDS)[number];

/** Something that fails, and is mended. */
export interface Fault {
  readonly kind: Kind;
  /** What fails: there is one fault of it at a time. */
  readonly part: string;
  /** Longest time that it lasts, in seconds. */
  readonly longest: number;
  begin(): Promise<void> | void;
  end(): Promise<void> | void;
}

/** A lease of a job ends after 15 s: a worker that stands still for longer wakes up beside whoever took it over. */
const LONGER_THAN_A_LEASE = 20;

/** Every fault that there can be. */
export function faultsOf(deployment: Deployment): Fault[] {
  const { postgres, redis, members, disk } = deployment;
  const servers = [postgres.service, ...(redis ? [redis.service] : [])];
  return [
    ...servers.flatMap((service) => [killed(service, false), stopped(service, 6)]),
    ...members.flatMap(({ role, service, links }: Member) => [
      killed(service, false),
      ...(role === 'worker' ? [killed(service, true)] : []),
      stopped(service, role === 'worker' ? LONGER_THAN_A_LEASE : 6),
      ...links.flatMap((link) => [reset(link), silenced(link)]),
    ]),
    ...(deployment.omitted.some((text) => text.includes('read-only'))
      ? []
      : [
          {
            kind: 'readOnly' as const,
            part: 'disk',
            longest: 8,
            begin: () => disk.makeReadOnly(),
            end: () => disk.makeWritable(),
          },
        ]),
  ];
}

function killed(service: Service, withChildren: boolean): Fault {
  return {
    kind: withChildren ? 'killWithChildren' : 'kill',
    part: service.name,
    longest: 2,
    begin: () => service.kill(withChildren),
    end: () => service.start(),
  };
}

function stopped(service: Service, longest: number): Fault {
  return {
    kind: 'stop',
    part: service.name,
    longest,
    begin: () => service.signal('SIGSTOP', true),
    end: () => service.signal('SIGCONT', true),
  };
}

function reset(link: Link): Fault {
  return {
    kind: 'reset',
    part: link.name,
    longest: 6,
    begin: () => link.cut(),
    end: () => link.mend(),
  };
}

function silenced(link: Link): Fault {
  return {
    kind: 'silence',
    part: link.name,
    longest: 12,
    begin: () => link.silence(),
    end: () => link.mend(),
  };
}
