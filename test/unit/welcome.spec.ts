import { describe, expect, it } from 'vitest';
import { ROLES } from '../../src/config/service-settings.js';
import { welcome } from '../../src/welcome.js';

const URL = 'http://localhost:3000';

describe('the welcome', () => {
  it('names the tour first', () => {
    const [, , first] = welcome(URL, { roles: ROLES, tour: 'on' }, null, null, 'npx homing').split('\n');
    expect(first).toBe('  tour             http://localhost:3000/');
  });

  it.each([
    { roles: ROLES, tour: 'off' },
    { roles: ['gateway'], tour: 'on' },
  ] as const)('names none with %j', (settings) => {
    expect(welcome(URL, settings, null, null, 'npx homing')).not.toContain('tour');
  });
});
