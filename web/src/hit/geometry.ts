// Where do two pictures agree, on the screen?

/** Corners [x, y] in fractions of a picture. */
export type Polygon = readonly (readonly number[])[];

/** Write a polygon for an SVG whose sides are 1 long. */
export const points = (polygon: Polygon): string => polygon.map(([x = 0, y = 0]) => `${x},${y}`).join(" ");

/**
 * Write a homography between fractions of two pictures as a CSS transform, for an element that fills a box of `width` by
 * `height` pixels and whose origin is its top left corner.
 *
 * Source: https://www.w3.org/TR/css-transforms-2/#funcdef-matrix3d (column by column)
 */
export function matrix3d(homography: readonly number[], width: number, height: number): string {
  const [a = 1, b = 0, c = 0, d = 0, e = 1, f = 0, g = 0, h = 0, i = 1] = homography;
  const ratio = width / height;
  const columns = [
    [a, d / ratio, 0, g / width],
    [b * ratio, e, 0, h / height],
    [0, 0, 1, 0],
    [c * width, f * height, 0, i],
  ];
  return `matrix3d(${columns.flat().join(", ")})`;
}
