export interface Route<Name extends string = string> {
  name: Name;
  /** A path whose segments may be parameters: "/alerts/:id". */
  path: string;
}

export interface Match<Name extends string = string> {
  name: Name;
  params: Record<string, string>;
}

/** The first route that matches the path, with or without a trailing slash. */
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
  for (const [i, expected] of pattern.entries()) {
    const part = parts[i]!;
    if (expected.startsWith(':')) {
      const value = decode(part);
      if (value === undefined) return undefined;
      params[expected.slice(1)] = value;
    } else if (expected !== part) return undefined;
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

/** A query string with parameters set, or removed where the value is undefined or "". */
export function withParams(search: string, changes: Record<string, string | undefined>): string {
  const params = new URLSearchParams(search);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined || value === '') params.delete(key);
    else params.set(key, value);
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}
