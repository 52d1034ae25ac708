import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validate, type ValidationError } from 'class-validator';
import { BadUserInputError } from './errors.js';

const PRIMITIVES: readonly unknown[] = [String, Number, Boolean, Array, Object, undefined];

/** Checks inputs against their class-validator decorators; the first mistake is answered with the path of its field. */
@Injectable()
export class InputValidationPipe implements PipeTransform {
  async transform(value: unknown, { metatype, data, type }: ArgumentMetadata): Promise<unknown> {
    if (type !== 'body' || PRIMITIVES.includes(metatype) || typeof value !== 'object' || value === null) return value;
    const instance = plainToInstance(metatype as new () => object, value);
    const [mistake] = await validate(instance, { forbidUnknownValues: false });
    if (mistake) throw toBadUserInput(mistake, data === undefined ? [] : [data]);
    return instance;
  }
}

function toBadUserInput(mistake: ValidationError, parents: readonly string[]): BadUserInputError {
  const path = [...parents, mistake.property];
  const [child] = mistake.children ?? [];
  if (child) return toBadUserInput(child, path);
  const [sentence = 'is not valid'] = Object.values(mistake.constraints ?? {});
  const name = `${mistake.property} `;
  const phrase = sentence.startsWith(name) ? sentence.slice(name.length) : sentence;
  return new BadUserInputError(`${path.join('.')} ${phrase}.`, path.join('.'));
}
