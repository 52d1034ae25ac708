// `npm run screenshots`: takes the pictures of docs/images from a service on a fresh database, on which something happens. Needs Chromium.
import { mkdirSync, statSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { chromium } from 'playwright-core';
import { withInstallation } from '../bench/installation.mjs';

const FOLDER = 'docs/images';
const PASSWORD = 'a password for pictures';
const RECIPIENTS = Array.from({ length: 40 }, (_, i) => `recipient-${i + 1}`);
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };
/** How often the admin page asks, and processes report. In milliseconds. */
const REPORTS = 1_000;
/** Nothing moves in a picture. */
const STILL = { reducedMotion: 'reduce' };

mkdirSync(FOLDER, { recursive: true });
const browser = await chromium.launch({
  executablePath: found('chromium', 'chromium-browser', 'google-chrome'),
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  await withInstallation(({ service }) => take(service), {
    ADMIN_PASSWORD: PASSWORD,
    ADMIN_REPORT_INTERVAL: `${REPORTS}ms`,
  });
} finally {
  await browser.close();
}

async function take(service) {
  await tour(service, 'tour', 'ann', { viewport: DESKTOP });
  await tour(service, 'tour-dark', 'bea', { viewport: DESKTOP, colorScheme: 'dark' });
  await tour(service, 'tour-phone', 'cem', { viewport: PHONE });
  const stop = await makeTraffic(service);
  await admin(service);
  await stop();
}

/** The tour with one message delivered and one that waits. */
async function tour(service, name, recipient, look) {
  const page = await open(look);
  await page.goto(`${service.url}/`);
  await page.getByLabel('Access key', { exact: true }).fill(service.key);
  await page.getByRole('button', { name: 'Use this key' }).click();
  await page.getByLabel('Recipient', { exact: true }).fill(recipient);
  for (const button of ['Register', 'Connect', 'Push'])
    await page.getByRole('button', { name: button, exact: true }).click();
  await page.locator('#push-step').getByText('DELIVERED:').waitFor();
  await page.getByRole('button', { name: 'Close the connection' }).click();
  await page.locator('#state', { hasText: 'Not connected' }).waitFor();
  await page.getByRole('button', { name: 'Push into the dark' }).click();
  await page.locator('#away-step .track').waitFor();
  await page.locator('#push-step').evaluate((step) => step.scrollIntoView());
  await page.locator('#push-step').evaluate(() => document.activeElement.blur());
  await save(page, name);
  await page.context().close();
}

/** The admin page while messages are pushed, and the board with the jobs of a while before. */
async function admin(service) {
  const page = await open({ viewport: DESKTOP });
  await page.goto(`${service.url}/admin`);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.locator('#nodes tr').waitFor();
  await page.getByLabel('Tenant').fill('demo');
  await page.getByLabel('Recipient', { exact: true }).fill('nobody-there');
  await page.keyboard.press('Enter');
  await page.locator('#found td').first().waitFor();
  // Until it tells of deliveries in a second, reports must have been compared.
  await page.locator('#nodes td:nth-child(5)', { hasText: /[1-9]/ }).waitFor();
  await page.evaluate(() => document.activeElement.blur());
  await save(page, 'admin');
  await page.getByRole('link', { name: 'Queues' }).click();
  await page.getByRole('link', { name: 'events' }).first().click();
  await page.getByText('MessagesPushed').first().waitFor();
  await save(page, 'board');
  await page.context().close();
}

/** Recipients who listen, and messages for them and for somebody who does not, until it is stopped. */
async function makeTraffic(service) {
  const listeners = await Promise.all(RECIPIENTS.map((name) => service.listen(name)));
  await service.push('nobody-there', 'Nobody reads this');
  const end = new AbortController();
  const pushing = (async () => {
    while (!end.signal.aborted) await service.push(RECIPIENTS, 'Hello');
  })();
  return async () => {
    end.abort();
    await pushing;
    for (const listener of listeners) listener.close();
  };
}

async function open(look) {
  return (await browser.newContext({ ...STILL, ...look })).newPage();
}

async function save(page, name) {
  const path = `${FOLDER}/${name}.png`;
  await page.screenshot({ path });
  process.stdout.write(`${path}: ${Math.ceil(statSync(path).size / 1024)} KiB\n`);
}

function found(...names) {
  const { stdout } = spawnSync('which', names, { encoding: 'utf8' });
  const [path] = stdout.split('\n');
  if (path === '') throw new Error(`None of these is on the PATH: ${names.join(', ')}`);
  return path;
}
