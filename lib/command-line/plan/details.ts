import { relative, resolve } from 'node:path';
import type { TradingStack } from '../../index';
import { CONFIGURATION_LABEL, type RegisteredWorkload, SECRETS_LABEL, type WorkloadSpec } from '../../internal';
import { type Attributes, UNKNOWN } from './attributes';
import {
  type Change,
  goesBackTo,
  outcomeOf,
  type PlannedChanges,
  type Replacement,
  resourceName,
  type ShownAction,
  shownAction,
  shownImage,
} from './changes';
import { arrow, clip, compare, type Difference, knownPart } from './compare';
import { buildOf, isBuiltBefore, labelOf, mayComeFromImage, type ResourceKind, settingsOf } from './resources';
import { replacementOf, unfinishedReason } from './replacement';
import { secretVariables } from './secret-values';
import { changeWord, describeLines, type Detail, detail, hidden, itemDetail, note } from './detail';
import { diffLines } from './text-diff';

/** What a plan does to one resource, in the words of its user. */
export interface ChangeReport {
  readonly name: string;
  readonly kind: 'service' | 'job' | Exclude<ResourceKind, 'workload'>;
  readonly address: string;
  readonly action: ShownAction;
  /** The action in words: `updated in place`. */
  readonly outcome: string;
  /** How the container of a service is replaced; `null` for every other change. */
  readonly replacement: Replacement | null;
  readonly details: readonly Detail[];
}

/** The context that changes are described in. */
export interface DescribeOptions {
  readonly stack: TradingStack;
  readonly planned: PlannedChanges;
  /** The folder that it runs in, and the function that redacts the values of secrets. */
  readonly terraform: { readonly directory: string; readonly redact: (text: string) => string };
  /** Why resources are replaced on request, by their address. */
  readonly reasons: ReadonlyMap<string, string>;
}

/** Describes changes, in the order of the plan. */
export function describeChanges(changes: readonly Change[], options: DescribeOptions): ChangeReport[] {
  const isSecret = secretVariables(options.stack);
  return changes.map((change) => new ChangeDescription(change, changes, options, isSecret).report());
}

class ChangeDescription {
  private readonly workload: RegisteredWorkload | undefined;
  private readonly replacement: Replacement | undefined;

  constructor(
    private readonly change: Change,
    private readonly changes: readonly Change[],
    private readonly options: DescribeOptions,
    private readonly isSecret: (name: string, value: string) => boolean,
  ) {
    const { workloads } = options.stack.platform;
    this.workload = workloads.find(({ address }) => address === change.address);
    this.replacement = replacementOf(change, changes, options.stack);
  }

  report(): ChangeReport {
    const { change, options } = this;
    const { address } = change;
    const kind = change.kind === 'workload' ? (this.isJob() ? 'job' : 'service') : change.kind;
    return {
      name: resourceName(change, options.stack.platform.workloads),
      kind,
      address,
      action: shownAction(change),
      outcome: outcomeOf(change, kind === 'job', this.replacement),
      replacement: this.replacement ?? null,
      details: this.details().map((detail) => this.redacted(detail)),
    };
  }

  private isJob(): boolean {
    // A job that is no longer in the code is recognized by `attach`, with which a deploy waits for its end.
    if (this.workload === undefined) return this.change.before?.attach === true;
    return this.workload.spec.kind === 'job';
  }

  private redacted({ setting, before, after, text, lines }: Detail): Detail {
    const { terraform } = this.options;
    const redact = (line: string): string => terraform.redact(line);
    const shown = (value: string | null): string | null => (value === null ? null : redact(value));
    return { setting, before: shown(before), after: shown(after), text: redact(text), lines: lines.map(redact) };
  }

  private details(): Detail[] {
    const { change } = this;
    const reason = this.reason();
    const reasons = reason === undefined ? [] : [note(reason)];
    const { before, after } = change;
    if (change.kind === 'image') return [...reasons, ...this.imageDetails()];
    if (before === null || after === null) return reasons;
    const details = [...reasons, ...this.settingDetails(before, after)];
    // A change must not be hidden just because it has no name here.
    return details.length > 0 || change.action === 'create'
      ? details
      : [note(`${attributeNames(before, after)} changed`)];
  }

  private settingDetails(before: Attributes, after: Attributes): Detail[] {
    const { kind, type, unknown } = this.change;
    const fixed = Object.fromEntries(Object.entries(before).filter(([key]) => !mayComeFromImage(key, after[key])));
    const known = knownPart(fixed, after, unknown);
    const settings = compare(settingsOf(type, known.before), settingsOf(type, known.after));
    const details = settings.flatMap((one) => this.describe(one));
    if (kind !== 'workload') return details;
    const secrets = this.changedSecrets(before, after).filter(
      (name) => !details.some(({ setting }) => setting === `secret ${name}`),
    );
    const all = [...details, ...secrets.map((name) => hidden(`secret ${name}`, 'content changed'))];
    const isUnexplained =
      labelOf(before, CONFIGURATION_LABEL) !== labelOf(after, CONFIGURATION_LABEL) && all.length === 0;
    return [...all, ...(isUnexplained ? unexplained(before, after, type, this.workload?.spec) : [])];
  }

  private reason(): string | undefined {
    const { change, options } = this;
    if (change.isDeposed) return 'left over from a replacement that did not finish';
    const unfinished = unfinishedReason(change, this.changes, options.stack);
    if (unfinished !== undefined) return unfinished;
    if (change.isGone) return 'it is no longer on the engine';
    if (change.reason === 'replace_because_tainted') return 'its last start failed';
    return change.reason === 'replace_by_request' ? (options.reasons.get(change.address) ?? 'requested') : undefined;
  }

  private imageDetails(): Detail[] {
    const { before, after, action } = this.change;
    const build = after === null ? undefined : buildOf(after);
    if (after === null) return [note('no longer used')];
    if (build === undefined) return [];
    const context = relative('', resolve(this.options.terraform.directory, build.context)) || '.';
    if (before === null || action !== 'replace') return [note(`from ${context}`)];
    const settings = compare(settingsOf(this.change.type, before), settingsOf(this.change.type, after));
    // After a rollback nothing is known of the build of the image.
    const details = isBuiltBefore(before) ? [] : settings.flatMap((one) => this.describe(one));
    const isOther = buildOf(before)?.content !== build.content;
    return details.length === 0 && isOther ? [note(`files in ${context} changed`)] : details;
  }

  private describe(difference: Difference): Detail[] {
    const { group, name, before, after } = difference;
    switch (group) {
      case 'image':
        return [this.workloadImage(before, after)];
      case 'environment':
        return [this.variable(difference)];
      case 'secret':
        return [
          hidden(
            name === '' ? 'content' : `secret ${name}`,
            changeWord(difference, name === '' ? 'changed' : 'content changed'),
          ),
        ];
      case 'file':
        return [this.file(difference)];
      case 'switch':
        return [detail(name, before, after, `${name} ${before ?? 'off'} → ${after ?? 'off'}`)];
      case 'item':
        return [itemDetail(difference)];
      default:
        if (name === 'network') return [hidden('network', 'replaced')];
        if (after === UNKNOWN) return [];
        return [detail(name, before, after, `${name} ${arrow(before, after)}`)];
    }
  }

  private variable(difference: Difference): Detail {
    const { name, before, after } = difference;
    // A removed variable may have held a secret that the code no longer mentions.
    if (after === null || [before, after].some((value) => value !== null && this.isSecret(name, value)))
      return hidden(name, changeWord(difference));
    if (before === null) return detail(name, null, after, `${name}=${clip(after)} added`);
    return detail(name, before, after, `${name} ${arrow(before, after)}`);
  }

  private file({ name, before, after }: Difference): Detail {
    const setting = name === '' ? 'content' : `file ${name}`;
    if (before === null || after === null) return hidden(setting, before === null ? 'added' : 'removed');
    const { added, removed, lines } = diffLines(this.contentOf(before, 'before'), this.contentOf(after, 'after'));
    // The lines are shown for the service that has the file, and not for the object.
    return { ...hidden(setting, describeLines(added, removed)), lines: name === '' ? [] : lines };
  }

  /** A file of a Swarm is an object that the service refers to by name. */
  private contentOf(value: string, when: 'before' | 'after'): string {
    const object = this.options.planned.changes.find(
      ({ kind, [when]: one }) => kind === 'config' && one?.name === value,
    );
    const [content] =
      object?.[when] === null || object === undefined ? [] : settingsOf(object.type, object[when] ?? {});
    return content?.value ?? value;
  }

  private workloadImage(before: string | null, after: string | null): Detail {
    const { planned } = this.options;
    const old = planned.imageNames.get(before ?? '') ?? this.removedImage(before);
    const now = this.workload?.spec.image.name ?? planned.imageNames.get(after ?? '') ?? after ?? '';
    const label = shownImage(now, planned);
    const { images } = this.options.stack.platform;
    const isBuilt = label !== now || images.all.some(({ spec }) => spec.build !== null && spec.name === now);
    const again = isBuilt ? 'built again' : 'pulled again';
    if (old === undefined || old === now)
      return detail('image', old ?? null, now, `image ${label} is ${after === UNKNOWN ? again : 'another one'}`);
    if (goesBackTo(now, planned.changes)) return detail('image', old, now, `image ${label} as it was`);
    if (isBuilt && shownImage(old, planned) === label) return detail('image', old, now, `image ${label} rebuilt`);
    return detail('image', old, now, `image ${shownImage(old, planned)} → ${label}`);
  }

  private removedImage(id: string | null): string | undefined {
    const image = this.options.planned.changes.find(({ kind, before }) => kind === 'image' && before?.image_id === id);
    return typeof image?.before?.name === 'string' ? image.before.name : undefined;
  }

  /** Names of the secrets whose content changed. */
  private changedSecrets(before: Attributes, after: Attributes): string[] {
    const spec = this.workload?.spec;
    if (spec === undefined) return [];
    const old = labelOf(before, SECRETS_LABEL).split('.');
    const versions = labelOf(after, SECRETS_LABEL).split('.');
    const names = [
      ...spec.secrets.map(({ secret }) => secret.name),
      ...Object.values(spec.secretEnvironment).map(({ name }) => name),
    ];
    return [...new Set(names.filter((_, index) => !old.includes(versions[index] ?? '')))];
  }
}

/**
 * The configuration hash covers more than the attributes of a plan: the content of what is mounted, and options whose
 * value comes from the image once they are removed.
 */
function unexplained(before: Attributes, after: Attributes, type: string, spec: WorkloadSpec | undefined): Detail[] {
  const mounts = (spec?.bindMounts ?? []).filter(({ contentHash }) => contentHash !== null).map(({ path }) => path);
  if (mounts.length > 0) return [note(`files mounted at ${mounts.join(' or ')} changed, or an option was removed`)];
  const removed = compare(settingsOf(type, before), settingsOf(type, after))
    .filter(({ group, name, after: now }) => group === 'option' && now === null && name !== 'entrypoint')
    .map(({ name, before: old }) => detail(name, old, null, `${name} ${arrow(old, null)}`));
  if (removed.length > 0) return removed;
  return [note("a setting that Terraform's plan does not show, such as an option that was removed")];
}

function attributeNames(before: Attributes, after: Attributes): string {
  const differ = Object.keys(after).filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  return differ.length === 0 ? 'an attribute' : differ.join(', ');
}
