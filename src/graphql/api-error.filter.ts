import { Catch, type ExceptionFilter } from '@nestjs/common';
import { ApiError } from './errors.js';

/** Hands a caller's mistakes on to the answer. Nest would log each with its stack: a flood that any caller could cause. */
@Catch(ApiError)
export class ApiErrorFilter implements ExceptionFilter<ApiError> {
  catch(error: ApiError): ApiError {
    return error;
  }
}
