/** Large enough for every place a picture of a person is shown at, on dense screens too. */
const SIDE = 512;

/** The middle of a picture as a square JPEG. Rejects where the browser cannot read it as a picture. */
export async function squareOf(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file);
  const { left, top, side } = middle(bitmap.width, bitmap.height);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.min(side, SIDE);
  const context = canvas.getContext("2d")!;
  // JPEG has no transparency, and black would show in its place.
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, left, top, side, side, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return await new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => blob ? resolve(blob) : reject(new Error("the picture could not be written")),
      "image/jpeg",
      0.9,
    )
  );
}

/** The largest square in the middle. */
export function middle(width: number, height: number): { left: number; top: number; side: number } {
  const side = Math.min(width, height);
  return { left: Math.floor((width - side) / 2), top: Math.floor((height - side) / 2), side };
}
