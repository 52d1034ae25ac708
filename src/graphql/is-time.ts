import { IsDate } from 'class-validator';

/** Checks an input field of the type `DateTime`: text that is no date has become an invalid `Date`. */
export function IsTime(): PropertyDecorator {
  return IsDate({ message: '$property must be an ISO 8601 date and time, such as 2023-07-18T15:00:00Z' });
}
