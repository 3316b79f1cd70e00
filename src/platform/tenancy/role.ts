/** Who may do what. A PLATFORM_ADMIN belongs to no tenant; the others belong to one. */
export const ROLES = ['PLATFORM_ADMIN', 'TENANT_ADMIN', 'ANALYST', 'SERVICE'] as const;

export type Role = (typeof ROLES)[number];
