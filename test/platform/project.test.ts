import { ProjectDirectory } from '../../lib/platform/project';

const project = new ProjectDirectory('../../..', '/srv/desk');

test.each([
  ['config', '/srv/desk/config'],
  ['./config/../config/a.yaml', '/srv/desk/config/a.yaml'],
  ['../common', '/srv/common'],
  ['/etc/hosts', '/etc/hosts'],
])('%s is read at %s', (path, location) => {
  expect(project.locate(path)).toBe(location);
});

test.each([
  ['config', '../../../config'],
  ['./config/', '../../../config'],
  ['.', '../../..'],
  ['../common', '../../../../common'],
  ['/srv/desk/config', '../../../config'],
])('%s is %s from where Terraform runs', (path, fromWorkingDirectory) => {
  expect(project.fromWorkingDirectory(path)).toBe(fromWorkingDirectory);
});

test('a whole path outside of the project stays whole', () => {
  expect(project.fromWorkingDirectory('/etc/hosts')).toBe('/etc/hosts');
});

test('the folder above the project, given whole, stays whole', () => {
  expect(project.fromWorkingDirectory('/srv')).toBe('/srv');
});

test('a folder whose name starts with dots is inside of the project', () => {
  expect(project.fromWorkingDirectory('/srv/desk/..data')).toBe('../../../..data');
});

test('the output is the same wherever the project was checked out', () => {
  const elsewhere = new ProjectDirectory('../../..', '/home/ci/desk');
  expect(elsewhere.absoluteExpression('config')).toBe(project.absoluteExpression('config'));
});

test('the whole path is found when Terraform runs', () => {
  expect(project.absoluteExpression('config')).toBe('${abspath("${path.root}/../../../config")}');
  expect(project.absoluteExpression('/etc/hosts')).toBe('${abspath("/etc/hosts")}');
});
