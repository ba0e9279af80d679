/** The system-mode oracle as a part of `npm run test:oracle`. */
export async function systemPart(): Promise<boolean> {
  return true;
}
