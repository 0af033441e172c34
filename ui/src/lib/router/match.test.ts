import { expect, test } from 'vitest';
import { matchRoute, withParams, type Route } from './match';

const routes: Route[] = [
  { name: 'live', path: '/' },
  { name: 'alerts', path: '/alerts' },
  { name: 'alert', path: '/alerts/:id' },
];

test.each([
  ['/', 'live', {}],
  ['/alerts', 'alerts', {}],
  ['/alerts/', 'alerts', {}],
  ['/alerts/abc', 'alert', { id: 'abc' }],
  ['/alerts/a%2Fb%20c', 'alert', { id: 'a/b c' }],
])('%s matches %s', (path, name, params) => expect(matchRoute(routes, path)).toEqual({ name, params }));

test.each(['/nowhere', '/alerts/a/b', '/alerts/%E0%A4%A'])('%s matches no route', (path) => expect(matchRoute(routes, path)).toBeUndefined());

test('withParams sets and removes parameters and keeps the others', () => {
  expect(withParams('?a=1&b=2', { b: undefined, c: 'x y' })).toBe('?a=1&c=x+y');
  expect(withParams('?a=1', { a: '' })).toBe('');
  expect(withParams('', { ip: '2001:db8::1' })).toBe('?ip=2001%3Adb8%3A%3A1');
});
