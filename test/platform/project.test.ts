import { ProjectDirectory } from '../../lib/platform/project';

const project = new ProjectDirectory('../../..', '/srv/desk');

test.each([
  ['config', '/srv/desk/config'],
  ['./config/../config/a.yaml', '/srv/desk/config/a.yaml'],
  ['../common', '/srv/common'],
  ['/etc/hosts', '/etc/hosts'],
])('the path %s is located at %s', (path, location) => {
  expect(project.locate(path)).toBe(location);
});

test.each([
  ['config', '../../../config'],
  ['./config/', '../../../config'],
  ['.', '../../..'],
  ['../common', '../../../../common'],
  ['/srv/desk/config', '../../../config'],
])('the path %s is %s from the Terraform working directory', (path, fromWorkingDirectory) => {
  expect(project.fromWorkingDirectory(path)).toBe(fromWorkingDirectory);
});

test('an absolute path outside the project stays absolute', () => {
  expect(project.fromWorkingDirectory('/etc/hosts')).toBe('/etc/hosts');
});

test('the absolute path of the parent folder stays absolute', () => {
  expect(project.fromWorkingDirectory('/srv')).toBe('/srv');
});

test('a folder whose name starts with dots is inside the project', () => {
  expect(project.fromWorkingDirectory('/srv/desk/..data')).toBe('../../../..data');
});

test('the output does not depend on where the project was checked out', () => {
  const elsewhere = new ProjectDirectory('../../..', '/home/ci/desk');
  expect(elsewhere.absoluteExpression('config')).toBe(project.absoluteExpression('config'));
});

test('the absolute path is computed when Terraform runs', () => {
  expect(project.absoluteExpression('config')).toBe('${abspath("${path.root}/../../../config")}');
  expect(project.absoluteExpression('/etc/hosts')).toBe('${abspath("/etc/hosts")}');
});
