import { expect, test } from 'vitest';
import { link, pathOf, unlink } from './base';

test.each([
  ['http://127.0.0.1:8090/', ''],
  ['https://noc.example/netlyra/', '/netlyra'],
  ['https://noc.example/a/b/', '/a/b'],
  ['https://noc.example/netlyra/index.html', '/netlyra'],
])('the base URL %s has the path "%s"', (uri, path) => expect(pathOf(uri)).toBe(path));

test.each(['', '/netlyra', '/a/b'])('link and unlink with the prefix "%s" are inverse', (under) => {
  for (const path of ['/', '/alerts', '/alerts/a%2Fb?x=/y', '/api/v1/health']) {
    expect(link(path, under)).toBe(`${under}${path}`);
    expect(unlink(link(path, under), under)).toBe(path);
  }
});

test('a path outside of the prefix is not a path of the page', () => {
  expect(unlink('/netlyra', '/netlyra')).toBe('/');
  for (const path of ['/', '/grafana/alerts', '/netlyra2/alerts', '/alerts']) expect(unlink(path, '/netlyra')).toBeUndefined();
});
