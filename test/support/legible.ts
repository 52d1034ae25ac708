/** Gives the texts in sight that stand out from what is behind them by less than 4.5 to 1, which WCAG AA asks for. */
export const ILLEGIBLE = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], below) => [r, g, b].map((value, i) => value * a + below[i] * (1 - a));
  const backdrop = (element) => {
    if (!element) return [255, 255, 255];
    return over(channels(getComputedStyle(element).backgroundColor), backdrop(element.parentElement));
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => value / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data.trim()).join('');
    if (!text || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const behind = backdrop(element);
    const [low, high] = [luminance(over(channels(getComputedStyle(element).color), behind)), luminance(behind)].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) found.push(text + ' ' + ratio.toFixed(2));
  }
  return found;
})()`;
