/** NOTIFY channel; payload `{tenantId, kind}`, delivered when the change commits. */
export const CHALLENGER_CHANNEL = 'challenger_changed';
