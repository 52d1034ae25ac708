/** The scheme, the user with the password, the servers, and all behind them. */
const FORM = /^(postgres(?:ql)?:\/\/)((?:[^/?#]*@)?)([^@/?#]*)(.*)$/s;

/**
 * The servers that a PostgreSQL URL names, one of them for each: `postgres://u:p@a:5432,b/d` names `postgres://u:p@a:5432/d` and
 * `postgres://u:p@b/d`. libpq knows such URLs, node-postgres does not.
 */
export function databaseServers(url: string): readonly string[] {
  const [, scheme = '', user = '', servers = '', rest = ''] = FORM.exec(url) ?? [];
  const names = servers.split(',');
  return names.length === 1 ? [url] : names.map((name) => `${scheme}${user}${name}${rest}`);
}
