// What a larger input would take, from what smaller ones took.

/** The line through points that keeps the squares of the relative errors smallest. */
export function line(points) {
  let [w, wx, wy, wxx, wxy] = [0, 0, 0, 0, 0];
  for (const [x, y] of points) {
    const weight = 1 / Math.max(y, 0.05) ** 2;
    w += weight;
    wx += weight * x;
    wy += weight * y;
    wxx += weight * x * x;
    wxy += weight * x * y;
  }
  const slope = Math.max(0, (w * wxy - wx * wy) / (w * wxx - wx * wx));
  return { start: (wy - slope * wx) / w, slope };
}

export const at = ({ start, slope }, x) => Math.max(0, start) + slope * x;
