import { type PolicyDefinition } from '../../services/policies/policy-definition';
import { storedPolicy } from '../../services/policies/policy-document';
import { type Policy } from '../../services/policies/policy.entity';
import { type PolicyVersion } from './policy';

interface PolicyType {
  readonly definition: PolicyDefinition;
  /** The domain's own type of a version. */
  readonly version: new () => PolicyVersion & { readonly policy: object };
}

/** By kind. Filled as the domains are loaded: this layer knows no domain by name. */
const types = new Map<string, PolicyType>();

export function registerPolicyType(type: PolicyType): void {
  types.set(type.definition.kind, type);
}

/**
 * A stored policy in its domain's type.
 * @param stored null: the domain's default
 */
export function policyVersion(kind: string, stored: Policy | null, activeId: string | null): PolicyVersion {
  const type = types.get(kind);
  if (!type) throw new Error(`the domain ${kind} made no operations for its policy`);
  const { policy } = storedPolicy(type.definition, stored);
  return Object.assign(new type.version(), {
    id: stored?.id ?? null,
    kind,
    version: stored?.version ?? 0,
    isActive: (stored?.id ?? null) === activeId,
    document: policy,
    policy,
    note: stored?.note ?? null,
    createdBy: stored?.createdBy ?? null,
    createdAt: stored?.createdAt ?? null,
  });
}
