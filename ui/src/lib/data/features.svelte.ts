import { codeName } from '../format/names';
import { duration, percent, siText, whole } from '../format/number';
import { api } from './api';
import type { Feature } from './types';

/** Display names and units of the model's features, fetched once when a screen first needs them. */
class Features {
  #byName = $state.raw(new Map<string, Feature>());
  #requested = false;

  load(): void {
    if (this.#requested) return;
    this.#requested = true;
    api
      .features()
      .then((response) => (this.#byName = new Map((Array.isArray(response) ? response : (response.items ?? [])).map((f) => [f.name, f]))))
      .catch(() => (this.#requested = false));
  }

  /** The display name of a feature; without the table, its identifier in words. */
  name(feature: string): string {
    return this.#byName.get(feature)?.display_name || codeName(feature);
  }

  value(feature: string, value: number): string {
    return featureValue(value, this.#byName.get(feature));
  }
}

/** A learned percentile may differ by this much from the value of its class. */
const classTolerance = 0.01;

/** A feature value with its unit; a plain number where the unit is unknown. */
export function featureValue(value: number, feature: Pick<Feature, 'unit' | 'classes'> | undefined): string {
  const unit = feature?.unit ?? '';
  const counted = Number.isInteger(value) ? whole(value) : siText(value);
  switch (unit) {
    case 's':
      return duration(value);
    case 'share':
      return percent(value);
    case 'bytes':
    case 'bytes/s':
    case 'bytes/connection':
      return siText(value, unit.replace('bytes', 'B'));
    case 'class':
      return feature?.classes?.find((c) => Math.abs(c.value - value) < classTolerance)?.name ?? counted;
    case 'port':
      return String(Math.round(value));
    case 'packets':
    case 'connections':
    case 'ports':
    case 'hosts':
    case 'claims':
      return counts(value, unit);
    case 'regularity':
    case 'novelty':
    case 'calls regularity':
    case 'evidence':
    case '':
      return counted;
  }
  return `${counted} ${unit}`;
}

/** A number of things, which may be estimated: "1 port", "12 ports". */
function counts(value: number, things: string): string {
  const text = whole(value);
  return `${text} ${text === '1' ? things.slice(0, -1) : things}`;
}

export const features = new Features();
