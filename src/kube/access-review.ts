import type {Rest} from './rest.ts';

/** May this user, in these groups, do this? */
export type AccessQuestion = {
  user: string;
  groups: string[];
  namespace: string;
  verb: string;
  group: string;
  resource: string;
};

type ReviewAnswer = {status?: {allowed?: boolean; denied?: boolean}};

/** Asks the API server's authorizers (SubjectAccessReview, authorization.k8s.io/v1). Rejects with ApiFault. */
export const reviewAccess = async (rest: Rest, question: AccessQuestion): Promise<boolean> => {
  const {user, groups, ...resourceAttributes} = question;
  const {status} = await rest.call<ReviewAnswer>({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {user, groups, resourceAttributes},
    },
  });
  return status?.allowed === true && status.denied !== true;
};
