/** Bars as inline SVG. Their labels are HTML around them: text in a scaled drawing would shrink with a phone's screen. */
import { html, type Html } from './report-html.js';

/** A label, a figure, and a bar of `share` (0 to 1) of the width. */
export function barRow(label: string, value: string, share: number): Html {
  // A small value still has a visible bar; only zero has none.
  const width = share > 0 ? Math.max(0.4, Math.min(1, share) * 100) : 0;
  return html`<div class="bar">
    <div><span>${label}</span><span class="value">${value}</span></div>
    <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect width="100" height="10" style="fill:var(--line)" />
      <rect width="${width.toFixed(2)}" height="10" style="fill:var(--bar)" />
    </svg>
  </div>`;
}

/** One bar cut into parts; `color` names a colour of the page's style. */
export function shareBar(parts: readonly { name: string; value: number; color: string }[]): Html {
  const total = parts.reduce((sum, { value }) => sum + value, 0) || 1;
  let left = 0;
  const rects = parts.map(({ name, value, color }) => {
    const width = (value / total) * 100;
    const rect = html`<rect
      x="${left.toFixed(2)}"
      width="${width.toFixed(2)}"
      height="10"
      style="fill:var(--${color})"
      ><title>${name} ${value}</title></rect
    >`;
    left += width;
    return rect;
  });
  const text = parts.map(({ name, value }) => `${name} ${value}`).join(', ');
  return html`<svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${text}">
    ${rects}
  </svg>`;
}
