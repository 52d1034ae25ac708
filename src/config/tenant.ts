const TENANT_FORM = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** @throws Error with a sentence when there can be no such tenant. */
export function checkTenant(tenant: string): void {
  if (!TENANT_FORM.test(tenant)) throw new Error('A tenant is 1 to 64 letters, digits, dots, dashes or underscores.');
}
