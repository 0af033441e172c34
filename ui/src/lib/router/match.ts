export interface Route<Name extends string = string> {
  name: Name;
  /** A path whose segments may be parameters: "/alerts/:id". */
  path: string;
}

export interface Match<Name extends string = string> {
  name: Name;
  params: Record<string, string>;
}

/** The first route that fits the path. A slash at the end makes no difference. */
export function matchRoute<Name extends string>(routes: readonly Route<Name>[], path: string): Match<Name> | undefined {
  const parts = segments(path);
  for (const route of routes) {
    const params = matchSegments(segments(route.path), parts);
    if (params) return { name: route.name, params };
  }
  return undefined;
}

function segments(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function matchSegments(pattern: string[], parts: string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, wanted] of pattern.entries()) {
    const part = parts[i]!;
    if (wanted.startsWith(':')) {
      const value = decode(part);
      if (value === undefined) return undefined;
      params[wanted.slice(1)] = value;
    } else if (wanted !== part) return undefined;
  }
  return params;
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** A query with some parameters set, and those that are undefined or "" taken out. */
export function withParams(search: string, changes: Record<string, string | undefined>): string {
  const params = new URLSearchParams(search);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined || value === '') params.delete(key);
    else params.set(key, value);
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}
