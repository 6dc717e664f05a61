import {createAccess} from '../../src/kube/access.ts';
import {createRest, type Rest} from '../../src/kube/rest.ts';
import type {ApiServer} from './apiserver.ts';

/** Somebody who is logged in: what they may do is what RBAC gives them. */
export type User = {rest: Rest; close: () => Promise<void>};

/** `pretending`: asks the API server to take the requests for another's. */
export const logIn = (api: ApiServer, name: string, pretending?: string): User => {
  const access = createAccess({kubeconfig: api.kubeconfigOf(name)});
  const authorize = async () => {
    const {headers, dispatcher} = await access.authorize();
    const more: Record<string, string> = pretending === undefined ? {} : {'impersonate-user': pretending};
    return {headers: {...headers, ...more}, dispatcher};
  };
  return {rest: createRest({userAgent: 'user', access: {...access, authorize}}), close: access.close};
};
