/** What packed-integer instructions compute on 128 bits, written lane by lane on BigInts. */

const BITS = 128;

/** Lanes of `bits` bits, lowest first. */
export function lanes(value: bigint, bits: number, signed: boolean): bigint[] {
  return Array.from({ length: BITS / bits }, (_, i) => {
    const lane = value >> BigInt(i * bits);
    return signed ? BigInt.asIntN(bits, lane) : BigInt.asUintN(bits, lane);
  });
}

/** The value with these lanes, each cut off to `bits` bits. */
export function join(values: readonly bigint[], bits: number): bigint {
  return values.reduce(
    (all, lane, i) => all | (BigInt.asUintN(bits, lane) << BigInt(i * bits)),
    0n,
  );
}

export type Binary = (a: bigint, b: bigint) => bigint;
type Lane = (a: bigint, b: bigint) => bigint;

function each(bits: number, signed: boolean, f: Lane): Binary {
  return (a, b) => {
    const other = lanes(b, bits, signed);
    return join(
      lanes(a, bits, signed).map((lane, i) => f(lane, other[i]!)),
      bits,
    );
  };
}

/** Each lane of the result from two neighbours, those of `a` first. */
function pairs(bits: number, f: Lane): Binary {
  return (a, b) => {
    const all = [...lanes(a, bits, true), ...lanes(b, bits, true)];
    return join(
      Array.from({ length: all.length / 2 }, (_, i) => f(all[2 * i]!, all[2 * i + 1]!)),
      bits,
    );
  };
}

function clamp(value: bigint, low: bigint, high: bigint): bigint {
  return value < low ? low : value > high ? high : value;
}

const signedRange = (bits: number) =>
  [-(1n << BigInt(bits - 1)), (1n << BigInt(bits - 1)) - 1n] as const;
const unsignedRange = (bits: number) => [0n, (1n << BigInt(bits)) - 1n] as const;
const abs = (x: bigint) => (x < 0n ? -x : x);

function saturating(bits: number, signed: boolean, f: Lane): Binary {
  const [low, high] = signed ? signedRange(bits) : unsignedRange(bits);
  return each(bits, signed, (a, b) => clamp(f(a, b), low, high));
}

/** Both operands' lanes, narrowed to half their width with saturation. */
function pack(bits: number, signed: boolean): Binary {
  const [low, high] = signed ? signedRange(bits / 2) : unsignedRange(bits / 2);
  return (a, b) =>
    join(
      [...lanes(a, bits, true), ...lanes(b, bits, true)].map((lane) => clamp(lane, low, high)),
      bits / 2,
    );
}

function unpack(bits: number, upper: boolean): Binary {
  return (a, b) => {
    const count = BITS / bits / 2;
    const first = upper ? count : 0;
    const [x, y] = [lanes(a, bits, false), lanes(b, bits, false)];
    return join(
      Array.from({ length: count }, (_, i) => [x[first + i]!, y[first + i]!]).flat(),
      bits,
    );
  };
}

/** The lanes of the second operand's low part, each of `from` bits, widened to `to`. */
function extend(from: number, to: number, signed: boolean): Binary {
  return (_a, b) => join(lanes(b, from, signed).slice(0, BITS / to), to);
}

function shift(bits: number, f: (lane: bigint, count: bigint) => bigint, signed = false): Binary {
  return (a, b) => {
    const count = BigInt.asUintN(64, b);
    const limited = count > BigInt(bits) ? BigInt(bits) : count;
    return join(
      lanes(a, bits, signed).map((lane) => f(lane, limited)),
      bits,
    );
  };
}

const left = (lane: bigint, count: bigint) => lane << count;
const right = (lane: bigint, count: bigint) => lane >> count;
const truth = (yes: boolean) => (yes ? -1n : 0n);
const sign = (a: bigint, b: bigint) => (b < 0n ? -a : b === 0n ? 0n : a);

function multiplyAdd(a: bigint, b: bigint): bigint {
  const [x, y] = [lanes(a, 16, true), lanes(b, 16, true)];
  return join(
    Array.from({ length: 4 }, (_, i) => x[2 * i]! * y[2 * i]! + x[2 * i + 1]! * y[2 * i + 1]!),
    32,
  );
}

function multiplyAddBytes(a: bigint, b: bigint): bigint {
  const [x, y] = [lanes(a, 8, false), lanes(b, 8, true)];
  const sums = Array.from(
    { length: 8 },
    (_, i) => x[2 * i]! * y[2 * i]! + x[2 * i + 1]! * y[2 * i + 1]!,
  );
  return join(
    sums.map((sum) => clamp(sum, ...signedRange(16))),
    16,
  );
}

/** Products of the even lanes of 32 bits. */
function multiplyEven(signed: boolean): Binary {
  return (a, b) => {
    const [x, y] = [lanes(a, 32, signed), lanes(b, 32, signed)];
    return join([x[0]! * y[0]!, x[2]! * y[2]!], 64);
  };
}

function sumOfDifferences(a: bigint, b: bigint): bigint {
  const [x, y] = [lanes(a, 8, false), lanes(b, 8, false)];
  const sum = (first: number) =>
    Array.from({ length: 8 }, (_, i) => abs(x[first + i]! - y[first + i]!)).reduce((s, d) => s + d);
  return join([sum(0), sum(8)], 64);
}

function shuffleBytes(a: bigint, b: bigint): bigint {
  const x = lanes(a, 8, false);
  return join(
    lanes(b, 8, false).map((c) => (c & 0x80n ? 0n : x[Number(c & 15n)]!)),
    8,
  );
}

function smallestWord(_a: bigint, b: bigint): bigint {
  const words = lanes(b, 16, false);
  const smallest = words.reduce((m, w) => (w < m ? w : m));
  return smallest | (BigInt(words.indexOf(smallest)) << 16n);
}

const min: Lane = (a, b) => (a < b ? a : b);
const max: Lane = (a, b) => (a > b ? a : b);
const average: Lane = (a, b) => (a + b + 1n) >> 1n;

/** Instructions of two vector operands and no immediate, by mnemonic. */
export const PACKED: Readonly<Record<string, Binary>> = {
  ...Object.fromEntries(
    (
      [
        ["B", 8],
        ["W", 16],
        ["D", 32],
        ["Q", 64],
      ] as const
    ).flatMap(([letter, bits]) => [
      [`PADD${letter}`, each(bits, false, (a, b) => a + b)],
      [`PSUB${letter}`, each(bits, false, (a, b) => a - b)],
      [`PCMPEQ${letter}`, each(bits, true, (a, b) => truth(a === b))],
      [`PCMPGT${letter}`, each(bits, true, (a, b) => truth(a > b))],
    ]),
  ),
  ...Object.fromEntries(
    (
      [
        ["B", 8],
        ["W", 16],
        ["D", 32],
      ] as const
    ).flatMap(([letter, bits]) => [
      [`PMINS${letter}`, each(bits, true, min)],
      [`PMINU${letter}`, each(bits, false, min)],
      [`PMAXS${letter}`, each(bits, true, max)],
      [`PMAXU${letter}`, each(bits, false, max)],
      [`PABS${letter}`, each(bits, true, (_a, b) => abs(b))],
      [`PSIGN${letter}`, each(bits, true, sign)],
    ]),
  ),
  ...Object.fromEntries(
    (
      [
        ["B", 8],
        ["W", 16],
      ] as const
    ).flatMap(([letter, bits]) => [
      [`PADDS${letter}`, saturating(bits, true, (a, b) => a + b)],
      [`PADDUS${letter}`, saturating(bits, false, (a, b) => a + b)],
      [`PSUBS${letter}`, saturating(bits, true, (a, b) => a - b)],
      [`PSUBUS${letter}`, saturating(bits, false, (a, b) => a - b)],
      [`PAVG${letter}`, each(bits, false, average)],
    ]),
  ),
  ...Object.fromEntries(
    (
      [
        ["W", 16],
        ["D", 32],
        ["Q", 64],
      ] as const
    ).flatMap(([letter, bits]) => [
      [`PSLL${letter}`, shift(bits, left)],
      [`PSRL${letter}`, shift(bits, right)],
    ]),
  ),
  PSRAW: shift(16, right, true),
  PSRAD: shift(32, right, true),
  PMULLW: each(16, true, (a, b) => a * b),
  PMULHW: each(16, true, (a, b) => (a * b) >> 16n),
  PMULHUW: each(16, false, (a, b) => (a * b) >> 16n),
  PMULHRSW: each(16, true, (a, b) => (((a * b) >> 14n) + 1n) >> 1n),
  PMULLD: each(32, true, (a, b) => a * b),
  PMULUDQ: multiplyEven(false),
  PMULDQ: multiplyEven(true),
  PMADDWD: multiplyAdd,
  PMADDUBSW: multiplyAddBytes,
  PSADBW: sumOfDifferences,
  PSHUFB: shuffleBytes,
  PHMINPOSUW: smallestWord,
  PHADDW: pairs(16, (a, b) => a + b),
  PHADDD: pairs(32, (a, b) => a + b),
  PHADDSW: pairs(16, (a, b) => clamp(a + b, ...signedRange(16))),
  PHSUBW: pairs(16, (a, b) => a - b),
  PHSUBD: pairs(32, (a, b) => a - b),
  PHSUBSW: pairs(16, (a, b) => clamp(a - b, ...signedRange(16))),
  PACKSSWB: pack(16, true),
  PACKUSWB: pack(16, false),
  PACKSSDW: pack(32, true),
  PACKUSDW: pack(32, false),
  PUNPCKLBW: unpack(8, false),
  PUNPCKLWD: unpack(16, false),
  PUNPCKLDQ: unpack(32, false),
  PUNPCKLQDQ: unpack(64, false),
  PUNPCKHBW: unpack(8, true),
  PUNPCKHWD: unpack(16, true),
  PUNPCKHDQ: unpack(32, true),
  PUNPCKHQDQ: unpack(64, true),
  UNPCKLPS: unpack(32, false),
  UNPCKHPS: unpack(32, true),
  UNPCKLPD: unpack(64, false),
  UNPCKHPD: unpack(64, true),
  PMOVSXBW: extend(8, 16, true),
  PMOVSXBD: extend(8, 32, true),
  PMOVSXBQ: extend(8, 64, true),
  PMOVSXWD: extend(16, 32, true),
  PMOVSXWQ: extend(16, 64, true),
  PMOVSXDQ: extend(32, 64, true),
  PMOVZXBW: extend(8, 16, false),
  PMOVZXBD: extend(8, 32, false),
  PMOVZXBQ: extend(8, 64, false),
  PMOVZXWD: extend(16, 32, false),
  PMOVZXWQ: extend(16, 64, false),
  PMOVZXDQ: extend(32, 64, false),
  PAND: (a, b) => a & b,
  PANDN: (a, b) => ~a & b & ((1n << 128n) - 1n),
  POR: (a, b) => a | b,
  PXOR: (a, b) => a ^ b,
  ANDPS: (a, b) => a & b,
  ANDPD: (a, b) => a & b,
  ANDNPS: (a, b) => ~a & b & ((1n << 128n) - 1n),
  ANDNPD: (a, b) => ~a & b & ((1n << 128n) - 1n),
  ORPS: (a, b) => a | b,
  ORPD: (a, b) => a | b,
  XORPS: (a, b) => a ^ b,
  XORPD: (a, b) => a ^ b,
  MOVAPS: (_a, b) => b,
  MOVDQU: (_a, b) => b,
  MOVSLDUP: (_a, b) =>
    join(
      [0, 0, 2, 2].map((i) => lanes(b, 32, false)[i]!),
      32,
    ),
  MOVSHDUP: (_a, b) =>
    join(
      [1, 1, 3, 3].map((i) => lanes(b, 32, false)[i]!),
      32,
    ),
  MOVDDUP: (_a, b) =>
    join(
      [0, 0].map((i) => lanes(b, 64, false)[i]!),
      64,
    ),
};

type Immediate = (a: bigint, b: bigint, i: number) => bigint;
const two = (i: number, at: number) => (i >> (2 * at)) & 3;

function blend(bits: number): Immediate {
  return (a, b, i) => {
    const [x, y] = [lanes(a, bits, false), lanes(b, bits, false)];
    return join(
      x.map((lane, n) => ((i >> n) & 1 ? y[n]! : lane)),
      bits,
    );
  };
}

function shuffleWords(upper: boolean): Immediate {
  return (_a, b, i) => {
    const words = lanes(b, 16, false);
    const first = upper ? 4 : 0;
    return join(
      words.map((word, n) => (n >> 2 === first >> 2 ? words[first + two(i, n & 3)]! : word)),
      16,
    );
  };
}

function insertSingle(a: bigint, b: bigint, i: number): bigint {
  const x = lanes(a, 32, false);
  x[(i >> 4) & 3] = lanes(b, 32, false)[i >> 6]!;
  return join(
    x.map((lane, n) => ((i >> n) & 1 ? 0n : lane)),
    32,
  );
}

function multipleSums(a: bigint, b: bigint, i: number): bigint {
  const x = lanes(a, 8, false);
  const y = lanes(b, 8, false);
  const [from, to] = [((i >> 2) & 1) * 4, (i & 3) * 4];
  const sums = Array.from({ length: 8 }, (_, n) =>
    [0, 1, 2, 3].reduce((s, k) => s + abs(x[from + n + k]! - y[to + k]!), 0n),
  );
  return join(sums, 16);
}

function carryLess(a: bigint, b: bigint, i: number): bigint {
  const x = lanes(a, 64, false)[i & 1]!;
  const y = lanes(b, 64, false)[(i >> 4) & 1]!;
  let product = 0n;
  for (let n = 0n; n < 64n; n++) if ((y >> n) & 1n) product ^= x << n;
  return product;
}

/** Instructions with an immediate byte. */
export const WITH_IMMEDIATE: Readonly<Record<string, Immediate>> = {
  PSHUFD: (_a, b, i) =>
    join(
      [0, 1, 2, 3].map((n) => lanes(b, 32, false)[two(i, n)]!),
      32,
    ),
  PSHUFLW: shuffleWords(false),
  PSHUFHW: shuffleWords(true),
  SHUFPS: (a, b, i) =>
    join(
      [0, 1, 2, 3].map((n) => lanes(n < 2 ? a : b, 32, false)[two(i, n)]!),
      32,
    ),
  SHUFPD: (a, b, i) => join([lanes(a, 64, false)[i & 1]!, lanes(b, 64, false)[(i >> 1) & 1]!], 64),
  PALIGNR: (a, b, i) => BigInt.asUintN(128, ((a << 128n) | b) >> BigInt(8 * i)),
  BLENDPS: blend(32),
  BLENDPD: blend(64),
  PBLENDW: blend(16),
  INSERTPS: insertSingle,
  MPSADBW: multipleSums,
  PCLMULQDQ: carryLess,
};
